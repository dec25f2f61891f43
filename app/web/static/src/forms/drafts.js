// Drafts stay on this device, by user and task, photos included, and go when the user signs out.
import { del, get, keys, set } from 'idb-keyval';
import { ask } from '../parts/confirm.js';
import { say } from '../parts/say.js';
import { exchange } from './send.js';

const PAUSE = 400;
const NEVER_KEPT = new Set(['csrf_token', '_key', '_op', '_pin', '_document', '_sha256', '_strokes']);
// What was refused is still there as it was typed.
const REFUSED = '[data-problems], [aria-invalid]';
const timers = new WeakMap();
const unsaved = new WeakSet();

const prefix = () => `draft:${document.body.dataset.user ?? ''}:`;
const name = (form) => form.dataset.draft && prefix() + form.dataset.draft;

const entries = (form) => [...new FormData(form)].filter(([key, value]) =>
  !NEVER_KEPT.has(key) && !(value instanceof File && !value.size));

/** Keep the form's answers now. */
export async function keep(form) {
  if (!name(form)) return;
  clearTimeout(timers.get(form));
  try {
    await set(name(form), { at: Date.now(), version: form.dataset.version, entries: entries(form) });
    unsaved.delete(form);
    const state = form.querySelector('[data-draft-state]');
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
    if (state) state.textContent = form.dataset.saySaved.replace('{time}', time);
  } catch { /* private windows keep nothing; the guard below still asks before leaving */ }
}

/** Note that the form changed: it is kept a moment later. */
export function changed(form) {
  if (!form?.matches('[data-sheet]')) return;
  unsaved.add(form);
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keep(form), PAUSE));
}

/** The form's answers have arrived: forget its draft. */
export async function forget(form) {
  clearTimeout(timers.get(form));
  unsaved.delete(form);
  if (name(form)) await del(name(form)).catch(() => {});
}

export async function offerDraft(form) {
  const offer = form.parentElement.querySelector('[data-draft-offer]');
  if (!offer || !name(form) || form.parentElement.querySelector(REFUSED) || form.dataset.restored) return;
  const draft = await get(name(form)).catch(() => undefined);
  if (!draft) return;
  offer.querySelector('time').textContent = new Date(draft.at).toLocaleString(document.documentElement.lang);
  if (draft.version !== form.dataset.version) {
    const warning = document.createElement('p');
    warning.textContent = form.dataset.sayStale;
    offer.querySelector('div').append(warning);
  }
  offer.hidden = false;
  offer.querySelector('[data-draft-drop]').onclick = async () => {
    await forget(form);
    offer.hidden = true;
  };
  offer.querySelector('[data-draft-use]').onclick = () => {
    const body = new FormData();
    for (const key of ['csrf_token', '_key']) body.append(key, form.elements[key].value);
    for (const [key, value] of draft.entries) body.append(key, value);
    body.append('_op', 'restore');
    exchange(form, body);
  };
}

export function startDrafts() {
  document.addEventListener('input', (event) => changed(event.target.form));
  addEventListener('beforeunload', (event) => {
    if ([...document.querySelectorAll('form[data-sheet]')].some((form) => unsaved.has(form))) event.preventDefault();
  });
}

export function startSignOut() {
  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches('[data-sign-out]')) return;
    event.preventDefault();
    const mine = (await keys().catch(() => [])).filter((key) => String(key).startsWith(prefix()));
    if (mine.length && !await ask(say('drafts', { n: mine.length }), { yes: say('leave'), danger: true })) return;
    await Promise.all(mine.map((key) => del(key)));
    form.submit();
  });
}
