// Sending a form: the page stays while the answer is on its way, so that nothing typed can be lost.
import { busy } from '../parts/once.js';
import { say } from '../parts/say.js';
import { forget, keep } from './drafts.js';
import { settled } from './photos.js';

const BEFORE = new Set(['/sign-in', '/me/password']);
const onTheWay = new WeakSet();
const LONGEST = 2000;
/** What this device keeps may be slow or stuck: what was sent goes on without it. */
const atMost = (done) => Promise.race([done, new Promise((go) => { setTimeout(go, LONGEST); })]);
let prepare = () => {};

function offline(form, on) {
  const banner = document.getElementById('offline');
  banner.hidden = !on;
  if (on) {
    banner.scrollIntoView({ block: 'nearest' });
    form.querySelector('.action-bar .btn-primary')?.focus();
  }
}

/** After the rows have changed, go to the one asked for, or to where the reader was. */
function goBack(sheet, row, operation) {
  const here = sheet.querySelector('[data-here]');
  const table = operation.startsWith('remove:') && `f-${operation.slice(7).replace(/\.\d+$/, '').replaceAll('.', '-')}`;
  const place = here ?? document.getElementById(table || row);
  if (!place) return;
  place.scrollIntoView({ block: here ? 'center' : 'nearest' });
  const control = here?.querySelector('input:not([type="hidden"]), select, textarea');
  (control ?? place).focus({ preventScroll: true });
}

/** Put the answered page, or its form, in place of what is shown. */
function replace(form, html, operation) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const fresh = page.getElementById('sheet');
  const old = form.closest('#sheet');
  const flashes = page.getElementById('flashes');
  const row = document.activeElement?.closest('[data-row]')?.id;
  if (page.title) document.title = page.title;
  if (fresh && old) {
    if (flashes) document.getElementById('flashes').innerHTML = flashes.innerHTML;
    old.replaceWith(fresh);
    const next = fresh.querySelector('form[data-sheet]');
    if (next && operation === 'restore') next.dataset.restored = '1';
    prepare(fresh);
    if (!fresh.querySelector('[data-problems]')) goBack(fresh, row, operation);
    return;
  }
  const main = document.getElementById('main');
  const other = page.getElementById('main');
  if (other) main.innerHTML = other.innerHTML;
  else main.textContent = say('failed');
  main.focus();
  scrollTo(0, 0);
}

/** Post `body` to the form's address and show the answer. */
export async function exchange(form, body, pressed) {
  if (onTheWay.has(form)) return;
  onTheWay.add(form);
  busy(form, pressed);
  let answer;
  try {
    answer = await fetch(form.getAttribute('action') || location.href, {
      method: 'POST',
      body,
      headers: { 'HX-Request': 'true', Accept: 'text/html' },
    });
  } catch {
    await atMost(keep(form));
    offline(form, true);
    return;
  } finally {
    onTheWay.delete(form);
    busy(form, null);
  }
  offline(form, false);
  const next = answer.headers.get('HX-Redirect') ?? (answer.redirected ? answer.url : '');
  if (next) {
    // Not taken, but for a sign-in first: what was typed is offered when its writer is back.
    await atMost(BEFORE.has(new URL(next, location.href).pathname) ? keep(form) : forget(form));
    onTheWay.add(form);
    busy(form, pressed);
    location.assign(next);
    return;
  }
  replace(form, await answer.text(), String(body.get('_op')));
}

export function startSending(prepareAgain) {
  prepare = prepareAgain;
  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches('[data-sheet]')) return;
    event.preventDefault();
    if (onTheWay.has(form)) return;
    const pressed = event.submitter;
    await settled(form);
    const body = new FormData(form);
    if (pressed?.name) body.append(pressed.name, pressed.value);
    exchange(form, body, pressed);
  });
}
