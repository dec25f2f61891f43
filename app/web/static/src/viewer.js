// A procedure's diagram: passed path, current step, counts; pan and zoom with mouse or fingers.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const READABLE = 0.6; // below this scale labels cannot be read
const CLOSE = 0.9;
const SMALLEST = 0.2;
const LARGEST = 3;
const MARGIN = 24;

function overlay(className, text, title) {
  const made = document.createElement('div');
  made.className = className;
  made.textContent = text;
  made.title = title;
  return made;
}

function paint(viewer, box, state) {
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  const registry = viewer.get('elementRegistry');
  for (const id of state.done ?? []) {
    const shape = registry.get(id);
    if (shape) canvas.addMarker(id, shape.waypoints ? 'flow-done' : 'node-done');
  }
  for (const id of state.now ?? []) {
    if (!registry.get(id)) continue;
    canvas.addMarker(id, 'node-now');
    overlays.add(id, { position: { top: -12, left: -12 }, html: overlay('token', '', box.dataset.sayNow) });
  }
  for (const [id, count] of Object.entries(state.badges ?? {})) {
    if (!registry.get(id)) continue;
    const badge = overlay('step-badge', '', '');
    if (count.open) badge.append(overlay('open', count.open, `${box.dataset.sayOpen} ${count.open}`));
    if (count.late) badge.append(overlay('late', count.late, `${box.dataset.sayLate} ${count.late}`));
    overlays.add(id, { position: { top: -11, right: 6 }, html: badge });
  }
}

/** Where a view of this size begins, so that `middle` is in its middle and little beyond the edge is seen. */
function start(middle, size, first, whole) {
  if (whole <= size) return first - (size - whole) / 2;
  return Math.min(Math.max(middle - size / 2, first - MARGIN), first + whole + MARGIN - size);
}

function centre(viewer, id) {
  const canvas = viewer.get('canvas');
  const shape = viewer.get('elementRegistry').get(id);
  if (!shape) return;
  canvas.zoom(CLOSE);
  const { width, height, inner } = canvas.viewbox();
  canvas.viewbox({
    x: start(shape.x + shape.width / 2, width, inner.x, inner.width),
    y: start(shape.y + shape.height / 2, height, inner.y, inner.height),
    width,
    height,
  });
}

// bpmn-js knows no touch: one finger pans, two fingers zoom.
function touch(viewer, box) {
  const canvas = viewer.get('canvas');
  const fingers = new Map();
  let apart = 0;
  box.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'touch') return;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    apart = 0;
  });
  box.addEventListener('pointermove', (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    if (fingers.size === 1) canvas.scroll({ dx: event.clientX - last[0], dy: event.clientY - last[1] });
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size !== 2) return;
    const [a, b] = [...fingers.values()];
    const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
    const frame = box.getBoundingClientRect();
    if (apart) {
      const scale = Math.min(LARGEST, Math.max(SMALLEST, canvas.zoom() * distance / apart));
      canvas.zoom(scale, { x: (a[0] + b[0]) / 2 - frame.left, y: (a[1] + b[1]) / 2 - frame.top });
    }
    apart = distance;
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) {
    box.addEventListener(end, (event) => {
      fingers.delete(event.pointerId);
      apart = 0;
    });
  }
}

async function show(box) {
  const state = JSON.parse(box.querySelector('script').textContent);
  const viewer = new NavigatedViewer({
    container: box,
    textRenderer: {
      defaultStyle: { fontFamily: FONT, fontSize: 13, lineHeight: 1.25 },
      externalStyle: { fontSize: 12, lineHeight: 1.25 },
    },
  });
  const answer = await fetch(box.dataset.diagram, { headers: { Accept: 'application/xml' } });
  if (!answer.ok) throw new Error(answer.statusText);
  await viewer.importXML(await answer.text());
  const canvas = viewer.get('canvas');
  paint(viewer, box, state);
  touch(viewer, box);
  const whole = () => canvas.zoom('fit-viewport', 'auto');
  const current = () => centre(viewer, (state.now ?? [])[0]);
  whole();
  if (canvas.zoom() < READABLE && state.now?.length) current();
  const around = box.parentElement;
  around.querySelector('[data-diagram-fit]')?.addEventListener('click', whole);
  around.querySelector('[data-diagram-now]')?.addEventListener('click', current);
  box.dataset.ready = '1';
}

for (const box of document.querySelectorAll('[data-diagram]')) {
  show(box).catch((problem) => {
    console.error(problem);
    box.dataset.ready = '0';
    box.textContent = box.dataset.sayFailed;
    box.classList.add('failed');
  });
}
