// Buttons with data-confirm ask first, in a native dialog; old browsers ask in their own box.
import { say } from './say.js';

const button = (label, style, value) => {
  const made = document.createElement('button');
  made.className = `btn btn-${style}`;
  made.textContent = label;
  made.value = value;
  return made;
};

export function ask(question, { yes = say('yes'), danger = false } = {}) {
  const dialog = document.createElement('dialog');
  if (!dialog.showModal) return Promise.resolve(window.confirm(question));
  const form = document.createElement('form');
  form.method = 'dialog';
  const words = document.createElement('h2');
  words.id = 'question';
  words.textContent = question;
  const actions = document.createElement('div');
  actions.className = 'actions';
  actions.append(button(say('no'), 'plain', 'no'), button(yes, danger ? 'danger' : 'primary', 'yes'));
  form.append(words, actions);
  dialog.setAttribute('aria-labelledby', 'question');
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes');
      dialog.remove();
    });
  });
}

export function startConfirm() {
  document.addEventListener('click', async (event) => {
    const asked = event.target.closest?.('[data-confirm]');
    if (!asked || asked.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const danger = asked.className.includes('danger');
    if (!await ask(asked.dataset.confirm, { yes: asked.textContent.trim() || say('yes'), danger })) {
      asked.focus();
      return;
    }
    asked.dataset.confirmed = '1';
    asked.click();
    delete asked.dataset.confirmed;
  }, true);
}
