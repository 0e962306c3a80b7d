/** Menus that a button opens: a popover, walked with the arrows, that gives the focus back. */

const GAP_PX = 4;
const EDGE_PX = 8;

/** Open the menu that follows a button: in the list beneath it, elsewhere above it, where there is room.
 * @param {MouseEvent} event */
export function openMenu({ currentTarget }) {
  if (!(currentTarget instanceof HTMLElement)) return;
  const menu = currentTarget.nextElementSibling;
  if (!(menu instanceof HTMLElement)) return;
  menu.showPopover();
  const button = currentTarget.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const isAbove = currentTarget.closest(".rail")
    ? button.bottom + height + EDGE_PX > innerHeight
    : button.top - height - EDGE_PX >= 0;
  const isEnd = button.left + button.width / 2 > innerWidth / 2;
  const left = isEnd ? button.right - width : button.left;
  putAt(
    menu,
    Math.max(EDGE_PX, Math.min(left, innerWidth - width - EDGE_PX)),
    isAbove ? button.top - height - GAP_PX : button.bottom + GAP_PX,
  );
  const chosen = menu.querySelector("[aria-checked=true]") ?? menu.querySelector("button");
  if (chosen instanceof HTMLElement) chosen.focus();
}

/** Put what is fixed at a place in the window, also where the page has CSS's `zoom`.
 * @param {HTMLElement} element @param {number} left @param {number} top */
export function putAt(element, left, top) {
  const zoom = element.currentCSSZoom ?? 1;
  element.style.left = `${left / zoom}px`;
  element.style.top = `${top / zoom}px`;
}

/** @param {Event} event */
export function menuToggled({ currentTarget }) {
  if (!(currentTarget instanceof HTMLElement)) return;
  const isOpen = currentTarget.matches(":popover-open");
  currentTarget.previousElementSibling?.setAttribute("aria-expanded", String(isOpen));
}

/** @param {KeyboardEvent} event */
export function menuKeys(event) {
  const { currentTarget, target, key } = event;
  if (!(currentTarget instanceof HTMLElement) || !(target instanceof HTMLElement)) return;
  if (key === "Tab") currentTarget.hidePopover();
  const items = [...currentTarget.querySelectorAll("[role^=menuitem]")];
  const at = items.indexOf(target);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[key];
  if (next === undefined) return;
  event.preventDefault();
  const item = items[next % items.length];
  if (item instanceof HTMLElement) item.focus();
}

/** Close the menu around what was chosen, go back to its button, then act.
 * @param {() => void} act */
export function choose(act) {
  return (/** @type {MouseEvent} */ { currentTarget }) => {
    const menu = currentTarget instanceof Element ? currentTarget.closest("[popover]") : null;
    if (menu instanceof HTMLElement) menu.hidePopover();
    if (menu?.previousElementSibling instanceof HTMLElement) menu.previousElementSibling.focus();
    act();
  };
}
