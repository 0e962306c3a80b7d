/** What stands in a form. */

/** Read the form that an element belongs to: names, and values as JSON has them.
 * @param {Element} element @returns {[name: string, value: unknown][]} */
export function valuesOf(element) {
  const form = element.closest("form");
  if (!form) return [];
  /** @type {Map<string, unknown>} */
  const found = new Map();
  for (const field of form.elements) {
    if (!isField(field) || field.disabled) continue;
    const name = field.dataset.name ?? field.name;
    if (!name) continue;
    if (field instanceof HTMLInputElement && field.type === "radio") {
      if (field.checked) found.set(name, field.value);
      else if (!found.has(name)) found.set(name, null);
    } else if (field instanceof HTMLInputElement && field.type === "checkbox") found.set(name, field.checked);
    else found.set(name, field.value);
  }
  return [...found];
}

/** @param {Element} element
 * @returns {element is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} */
function isField(element) {
  return (
    element instanceof HTMLInputElement ||
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement
  );
}
