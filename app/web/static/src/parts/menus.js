// <details data-menu>: one open at a time; Escape, a click elsewhere, or moving on closes it.
const open = () => document.querySelectorAll('details[data-menu][open]');

export function startMenus() {
  document.addEventListener('click', (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of open()) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector('summary').focus();
    }
  });
  document.addEventListener('toggle', (event) => {
    const menu = event.target;
    if (!menu.matches?.('details[data-menu]') || !menu.open) return;
    for (const other of open()) if (other !== menu && !other.contains(menu)) other.open = false;
  }, true);
}
