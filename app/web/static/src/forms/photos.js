// Photos are made smaller before they travel; what was picked is shown, and can be taken back.
import { changed } from './drafts.js';
import { keepCameraData } from './exif.js';

const LONGEST_SIDE = 1920;
const QUALITY = 0.82;
const SMALL = 400e3;

const picked = new WeakMap(); // input → files
const working = new WeakMap(); // form → promise

async function shrink(file) {
  if (!/^image\/(jpeg|png|webp|heic|heif|bmp)$/.test(file.type) || file.size < SMALL) return file;
  try {
    const image = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const small = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', QUALITY); });
    if (!small || small.size >= file.size) return file;
    const told = await keepCameraData(file, small);
    const name = file.name.replace(/\.\w+$/, '') + '.jpg';
    return new File([told], name, { type: 'image/jpeg', lastModified: file.lastModified });
  } catch {
    return file; // a picture this browser cannot read travels as it is
  }
}

function preview(input) {
  const list = input.closest('[data-picker]').querySelector('.files');
  for (const old of list.querySelectorAll('.new')) {
    const image = old.querySelector('img');
    if (image) URL.revokeObjectURL(image.src);
    old.remove();
  }
  for (const file of input.files) {
    const item = document.createElement('li');
    item.className = 'thumb new';
    if (file.type.startsWith('image/')) {
      const image = new Image(96, 96);
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      item.append(image);
    } else {
      const name = document.createElement('span');
      name.className = 'paper';
      name.textContent = file.name.split('.').pop().toUpperCase();
      const below = document.createElement('span');
      below.className = 'name';
      below.textContent = file.name;
      item.append(name, below);
    }
    const drop = document.createElement('button');
    drop.type = 'button';
    drop.className = 'btn btn-quiet btn-sm';
    drop.textContent = input.form.dataset.sayRemove;
    drop.setAttribute('aria-label', `${input.form.dataset.sayRemove} ${file.name}`);
    drop.addEventListener('click', () => {
      hold(input, [...input.files].filter((other) => other !== file));
      changed(input.form);
    });
    item.append(drop);
    list.append(item);
  }
}

/** Make `files` what the input holds, and show them. */
function hold(input, files) {
  const carrier = new DataTransfer();
  for (const file of files) carrier.items.add(file);
  input.files = carrier.files;
  picked.set(input, [...input.files]);
  preview(input);
}

async function pick(input) {
  const fresh = [...input.files];
  const kept = input.multiple ? picked.get(input) ?? [] : [];
  const state = input.form.querySelector('[data-draft-state]');
  if (state && fresh.some((file) => file.size >= SMALL)) state.textContent = input.form.dataset.sayShrinking;
  const small = [];
  for (const file of fresh) small.push('photos' in input.dataset ? await shrink(file) : file);
  hold(input, [...kept, ...small]);
  if (state) state.textContent = '';
  changed(input.form);
}

/** Resolves when no photo of the form is being worked on. */
export const settled = (form) => working.get(form) ?? Promise.resolve();

export function startPhotos() {
  document.addEventListener('change', (event) => {
    const input = event.target;
    if (!input.matches('[data-picker] input[type="file"]')) return;
    const before = settled(input.form);
    working.set(input.form, before.then(() => pick(input)));
  });
}
