// Fields that are asked for only in some cases: data-when and data-demanded hold a rule, which is
// any of all of [field, operator, value, negated]; fields are named within the nearest data-scope.
const CONTROLS = 'input, select, textarea, button';

function answer(form, scope, name) {
  const found = form.elements[scope + name];
  const controls = found instanceof RadioNodeList ? [...found] : found ? [found] : [];
  const values = [];
  for (const control of controls) {
    if (control.closest('.off')) continue;
    if (control.type === 'radio' || control.type === 'checkbox') {
      if (control.checked) values.push(control.value);
      else if (control.type === 'checkbox' && controls.length === 1) values.push('false');
    } else if (control.value !== '') values.push(control.value);
  }
  return values;
}

function passes(values, operator, wanted) {
  if (!values.length) return false;
  if (operator === 'is') return wanted.some((value) => values.includes(String(value)));
  if (operator === 'least') return Number(values[0]) >= wanted;
  if (operator === 'most') return Number(values[0]) <= wanted;
  return true;
}

function holds(node, rule) {
  const form = node.closest('form');
  const scope = node.parentElement.closest('[data-scope]').dataset.scope;
  return JSON.parse(rule).some((tests) => tests.every(([name, operator, value, negated]) =>
    passes(answer(form, scope, name), operator, value) !== negated));
}

/** Show and hide what the answers within `root` decide, until nothing changes. */
export function settle(root) {
  const nodes = [...root.querySelectorAll('[data-when]')];
  for (let changed = true, rounds = 0; changed && rounds < 8; rounds += 1) {
    changed = false;
    for (const node of nodes) {
      const off = !holds(node, node.dataset.when);
      if (off === node.classList.contains('off')) continue;
      node.classList.toggle('off', off);
      changed = true;
    }
  }
  for (const node of root.querySelectorAll('[data-demanded]')) {
    const wanted = holds(node, node.dataset.demanded);
    const star = node.querySelector('.req');
    if (star) star.hidden = !wanted;
    for (const control of node.querySelectorAll('[name]:not([type="checkbox"])')) control.required = wanted;
  }
  for (const node of nodes) {
    for (const control of node.querySelectorAll(CONTROLS)) control.disabled = Boolean(control.closest('.off'));
  }
}

export function startConditions() {
  document.addEventListener('change', (event) => {
    if (!event.target.form?.matches('[data-sheet]')) return;
    settle(event.target.closest('[data-scope]') ?? event.target.form); // it may stand beside its form
  });
}
