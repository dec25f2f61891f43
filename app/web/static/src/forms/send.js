// Sending a form: the page stays while the answer is on its way, so that nothing typed can be lost.
import { busy } from '../parts/once.js';
import { say } from '../parts/say.js';
import { forget, keep } from './drafts.js';
import { settled } from './photos.js';

const onTheWay = new WeakSet();
let prepare = () => {};

function offline(form, on) {
  const banner = document.getElementById('offline');
  banner.hidden = !on;
  if (on) {
    banner.scrollIntoView({ block: 'nearest' });
    form.querySelector('.action-bar .btn-primary')?.focus();
  }
}

/** Put the answered page, or its form, in place of what is shown. */
function replace(form, html, restored) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const fresh = page.getElementById('sheet');
  const old = form.closest('#sheet');
  if (page.title) document.title = page.title;
  if (fresh && old) {
    old.replaceWith(fresh);
    const next = fresh.querySelector('form[data-sheet]');
    if (next && restored) next.dataset.restored = '1';
    prepare(fresh);
    const here = fresh.querySelector('[data-here]');
    if (here) {
      here.scrollIntoView({ block: 'center' });
      here.querySelector('input:not([type="hidden"]), select, textarea')?.focus({ preventScroll: true });
    }
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
export async function exchange(form, body) {
  if (onTheWay.has(form)) return;
  onTheWay.add(form);
  busy(form, true);
  let answer;
  try {
    answer = await fetch(form.getAttribute('action') || location.href, {
      method: 'POST',
      body,
      headers: { 'HX-Request': 'true', Accept: 'text/html' },
    });
  } catch {
    await keep(form);
    offline(form, true);
    return;
  } finally {
    onTheWay.delete(form);
    busy(form, false);
  }
  offline(form, false);
  const next = answer.headers.get('HX-Redirect') ?? (answer.redirected ? answer.url : '');
  if (next) {
    await forget(form);
    busy(form, true);
    location.assign(next);
    return;
  }
  replace(form, await answer.text(), body.get('_op') === 'restore');
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
    exchange(form, body);
  });
}
