/**
 * Every type of component, and what draws it.
 * @import {View} from "./types.js"
 */

import { button } from "./button.js";
import { card } from "./card.js";
import { chart } from "./chart/view.js";
import { badge, caption, label, markdownText, pictogram, picture, text, title } from "./content.js";
import { checkbox, radioGroup } from "./fields/choices.js";
import { datePicker } from "./fields/date-picker.js";
import { select } from "./fields/select.js";
import { input, textarea } from "./fields/text.js";
import { basic, box, column, divider, form, row, spacer, transition } from "./layout.js";
import { listView, listViewItem } from "./list.js";
import { table } from "./table.js";

/** @type {Record<string, View>} */
export const VIEWS = {
  Badge: badge,
  Basic: basic,
  Box: box,
  Button: button,
  Caption: caption,
  Card: card,
  Chart: chart,
  Checkbox: checkbox,
  Col: column,
  DatePicker: datePicker,
  Divider: divider,
  Form: form,
  Icon: pictogram,
  Image: picture,
  Input: input,
  Label: label,
  ListView: listView,
  ListViewItem: listViewItem,
  Markdown: markdownText,
  RadioGroup: radioGroup,
  Row: row,
  Select: select,
  Spacer: spacer,
  Table: table,
  Text: text,
  Textarea: textarea,
  Title: title,
  Transition: transition,
};
