// The error summary takes the focus; its links open what is closed and go to the control itself.
// What is answered anew is no longer marked as wrong: the server says whether it is right now.
const CONTROL = 'input:not([type="hidden"]), select, textarea, button';

export function showProblems(root) {
  const box = root.querySelector('[data-problems]:not([data-problems="quiet"])');
  if (!box) return;
  box.focus();
  box.scrollIntoView({ block: 'start' });
}

function unmark(field) {
  const error = field.querySelector('.field-error');
  field.classList.remove('is-bad');
  for (const control of field.querySelectorAll('[aria-invalid]')) control.removeAttribute('aria-invalid');
  for (const told of field.querySelectorAll('[aria-describedby]')) {
    const others = told.getAttribute('aria-describedby').split(' ').filter((id) => id !== error?.id);
    if (others.length) told.setAttribute('aria-describedby', others.join(' '));
    else told.removeAttribute('aria-describedby');
  }
  error?.remove();
  const row = field.closest('[data-row]');
  if (row && !row.querySelector('.is-bad')) row.querySelector('[data-wrong]')?.remove();
}

export function startProblems() {
  document.addEventListener('input', (event) => {
    const field = event.target.closest?.('form[data-sheet] .field.is-bad');
    if (field) unmark(field);
  });
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
