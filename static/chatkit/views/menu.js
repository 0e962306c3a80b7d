/** Menus that a button opens: a popover, walked with the arrows, that gives the focus back. */

/** Open the menu that follows a button, above it where there is room. @param {MouseEvent} event */
export function openMenu({ currentTarget }) {
  if (!(currentTarget instanceof HTMLElement)) return;
  const menu = currentTarget.nextElementSibling;
  if (!(menu instanceof HTMLElement)) return;
  menu.showPopover();
  const button = currentTarget.getBoundingClientRect();
  const isHigh = button.top - menu.offsetHeight - 8 < 0;
  menu.style.top = `${isHigh ? button.bottom + 4 : button.top - menu.offsetHeight - 4}px`;
  const isEnd = button.left + button.width / 2 > innerWidth / 2;
  const left = isEnd ? button.right - menu.offsetWidth : button.left;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`;
  const chosen = menu.querySelector("[aria-checked=true]") ?? menu.querySelector("[role^=menuitem]");
  if (chosen instanceof HTMLElement) chosen.focus();
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
