// The signing pad: what a finger, a pen or a mouse writes becomes points on a sheet of 3000 by 1000.
const WIDE = 3000;
const TALL = 1000;
const NEAR = 8;
const SVG = 'http://www.w3.org/2000/svg';
const pads = new WeakSet();

const latest = (list) => list[list.length - 1];

const path = (stroke) => {
  const [first, ...others] = stroke.map((point) => point.join(' '));
  return `M${first}L${(others.length ? others : [first]).join('L')}`;
};

/** What was written before the server asked for something else: only what a pad sends. */
function known(text) {
  try {
    const value = JSON.parse(text);
    const point = (one) => Array.isArray(one) && one.length === 2 && one.every(Number.isInteger);
    return Array.isArray(value) && value.every((stroke) => Array.isArray(stroke) && stroke.length && stroke.every(point)) ? value : [];
  } catch {
    return [];
  }
}

function prepare(field) {
  const part = (name) => field.querySelector(`[data-pad-${name}]`);
  const sheet = part('sheet');
  const lines = part('strokes');
  const value = part('value');
  const most = { strokes: Number(field.dataset.mostStrokes), points: Number(field.dataset.mostPoints) };
  const strokes = known(value.value);
  let writing = null; // the pointer that writes now
  let points = strokes.flat().length;

  function draw(stroke) {
    const line = document.createElementNS(SVG, 'path');
    line.setAttribute('d', path(stroke));
    lines.append(line);
  }

  function tell() {
    const full = strokes.length >= most.strokes || points >= most.points;
    const said = strokes.length ? field.dataset.saySome.replace('{n}', strokes.length) : field.dataset.sayEmpty;
    sheet.setAttribute('aria-label', said);
    part('state').textContent = full ? field.dataset.sayFull : strokes.length ? said : '';
    value.value = strokes.length ? JSON.stringify(strokes) : '';
    for (const name of ['undo', 'clear']) part(name).disabled = !strokes.length;
  }

  /** Say that something was written or taken back: what was wrong with it is no longer told. */
  function changed() {
    tell();
    value.dispatchEvent(new Event('input', { bubbles: true }));
  }

  function at(event) {
    const box = sheet.getBoundingClientRect();
    const inside = (share, size) => Math.round(Math.min(Math.max(share, 0), 1) * size);
    return [inside((event.clientX - box.left) / box.width, WIDE), inside((event.clientY - box.top) / box.height, TALL)];
  }

  function add(event) {
    const stroke = latest(strokes);
    const [x, y] = at(event);
    const last = latest(stroke);
    if (points >= most.points || (last && Math.hypot(x - last[0], y - last[1]) < NEAR)) return;
    stroke.push([x, y]);
    points += 1;
  }

  function end(event) {
    if (event.pointerId !== writing) return;
    writing = null;
    changed();
  }

  sheet.addEventListener('pointerdown', (event) => {
    if (writing !== null || event.button > 0 || strokes.length >= most.strokes || points >= most.points) return;
    event.preventDefault();
    writing = event.pointerId;
    sheet.setPointerCapture?.(writing);
    strokes.push([]);
    add(event);
    draw(latest(strokes));
  });
  sheet.addEventListener('pointermove', (event) => {
    if (event.pointerId !== writing) return;
    for (const one of event.getCoalescedEvents?.() ?? []) add(one);
    add(event);
    lines.lastChild.setAttribute('d', path(latest(strokes)));
  });
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) sheet.addEventListener(name, end);
  part('undo').addEventListener('click', () => {
    points -= strokes.pop().length;
    lines.lastChild.remove();
    changed();
    if (!strokes.length) part('value').form?.querySelector('[type=password]')?.focus();
  });
  part('clear').addEventListener('click', () => {
    strokes.length = 0;
    points = 0;
    lines.replaceChildren();
    changed();
    part('value').form?.querySelector('[type=password]')?.focus();
  });
  strokes.forEach(draw);
  tell();
  part('box').hidden = false;
}

export function preparePads(root) {
  for (const field of root.querySelectorAll('[data-pad]')) {
    if (pads.has(field)) continue;
    pads.add(field);
    prepare(field);
  }
}

export function startPads() {
  preparePads(document);
}
