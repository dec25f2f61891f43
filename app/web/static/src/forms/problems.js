// The error summary takes the focus; its links open what is closed and go to the control itself.
const CONTROL = 'input:not([type="hidden"]), select, textarea, button';

export function showProblems(root) {
  const box = root.querySelector('[data-problems]:not([data-problems="quiet"])');
  if (!box) return;
  box.focus();
  box.scrollIntoView({ block: 'start' });
}

export function startProblems() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('[data-problems] a');
    const place = link && document.getElementById(link.hash.slice(1));
    if (!place) return;
    event.preventDefault();
    for (let above = place.closest('details'); above; above = above.parentElement.closest('details')) above.open = true;
    const control = place.matches(CONTROL) ? place : place.querySelector(CONTROL) ?? place;
    control.focus();
    control.scrollIntoView({ block: 'center' });
  });
}
