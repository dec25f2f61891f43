// A form that writes is sent once: further presses are ignored until the answer has come.
const sent = new WeakSet();

export function busy(form, pressed) {
  for (const button of form.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
  pressed?.setAttribute('aria-busy', 'true');
}

export function startOnce() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('[data-once]') || event.defaultPrevented) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    event.submitter?.setAttribute('aria-busy', 'true');
  });
  // Back from the next page: the browser may show this one as it was left.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll('form')) {
      sent.delete(form);
      busy(form, null);
    }
  });
}
