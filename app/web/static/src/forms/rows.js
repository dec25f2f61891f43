// Tables of questions: rows are added and removed here; when there are many, the server does it.
import { ask } from '../parts/confirm.js';
import { settle } from './conditions.js';
import { changed } from './drafts.js';

const inWords = new Intl.DateTimeFormat(document.documentElement.lang === 'en' ? 'en-GB' : 'zh-CN', {
  day: 'numeric', month: document.documentElement.lang === 'en' ? 'short' : 'long', year: 'numeric', timeZone: 'UTC',
});
const list = (table) => table.querySelector('[data-list]');
const rows = (table) => [...list(table).children].filter((row) => row.matches('[data-row]'));

function recount(table) {
  rows(table).forEach((row, index) => {
    row.querySelector('[data-number]').textContent = index + 1;
  });
  const count = table.querySelector('[data-count]');
  if (count) count.textContent = rows(table).length;
  const most = Number(table.dataset.most ?? Infinity);
  table.querySelector('[data-add]').disabled = rows(table).length >= most;
}

function nextIndex(table) {
  const numbers = rows(table).map((row) => Number((row.dataset.scope ?? '').split('.').slice(-2)[0]));
  return Math.max(-1, ...numbers.filter(Number.isFinite)) + 1;
}

function add(table) {
  const blank = table.querySelector('template[data-blank]').innerHTML;
  list(table).insertAdjacentHTML('beforeend', blank.replaceAll('__i__', nextIndex(table)));
  const row = rows(table).pop();
  if ('open' in row) row.open = true;
  recount(table);
  settle(row);
  row.querySelector('input:not([type="hidden"]), select, textarea')?.focus();
  changed(table.closest('form'));
}

function isBlank(row) {
  return [...row.querySelectorAll('input:not([type="hidden"]), select, textarea')].every((control) =>
    control.type === 'radio' || control.type === 'checkbox' ? !control.checked : !control.value);
}

async function remove(button) {
  const row = button.closest('[data-row]');
  const table = row.closest('[data-rows]');
  if (!isBlank(row) && !await ask(`${button.textContent.trim() || button.getAttribute('aria-label')}？`, { danger: true })) return;
  const near = row.previousElementSibling ?? row.nextElementSibling;
  const form = table.closest('form');
  row.remove();
  recount(table);
  (near?.querySelector('summary, input:not([type="hidden"])') ?? table.querySelector('[data-add]')).focus();
  changed(form);
}

function shown(field) {
  const select = field.querySelector('select');
  if (select) return select.value && select.selectedOptions[0].textContent;
  const ticked = [...field.querySelectorAll('input:checked')];
  if (ticked.length) return ticked.map((box) => field.querySelector(`label[for="${box.id}"]`)?.textContent.trim()).join('、');
  const control = field.querySelector('input:not([type="radio"]):not([type="checkbox"]):not([type="file"]), textarea');
  if (control?.type === 'date' && control.valueAsDate) return inWords.format(control.valueAsDate);
  return control?.value.trim();
}

function summarise(row) {
  const sum = row.querySelector('[data-sum]');
  if (!sum) return;
  const keys = JSON.parse(row.closest('[data-rows]').dataset.summary);
  const parts = keys.map((key) => row.querySelector(`[data-field="${key}"]:not(.off)`)).filter(Boolean).map(shown).filter(Boolean);
  sum.textContent = parts.join(' · ') || sum.dataset.empty;
}

export function startRows() {
  document.addEventListener('click', (event) => {
    const adding = event.target.closest?.('[data-add]');
    const removing = event.target.closest?.('[data-remove]');
    const table = (adding ?? removing)?.closest('[data-rows]');
    if (!table || 'many' in table.dataset) return;
    event.preventDefault();
    if (adding) add(table);
    else remove(removing);
  });
  document.addEventListener('input', (event) => {
    const row = event.target.closest?.('[data-row]');
    if (row) summarise(row);
  });
}
