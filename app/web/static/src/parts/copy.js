// Buttons with data-copy put their value on the clipboard; plain HTTP has only the old way.
import { say } from './say.js';

async function put(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const box = document.createElement('textarea');
  box.value = text;
  box.style.position = 'fixed';
  document.body.append(box);
  box.select();
  document.execCommand('copy');
  box.remove();
}

export function startCopy() {
  document.addEventListener('click', async (event) => {
    const button = event.target.closest?.('[data-copy]');
    if (!button) return;
    await put(button.dataset.copy);
    const old = button.innerHTML;
    button.textContent = say('copied');
    setTimeout(() => { button.innerHTML = old; }, 1500);
  });
}
