// Where a hazard is written: typed words find clauses of laws, and one that is chosen fills it in.
const WAIT = 250;
const control = (row, key) => row.querySelector(`[data-field="${key}"] :is(input:not([type="radio"]):not([type="search"]), textarea)`);

async function find(box) {
  const hits = box.querySelector('[data-hits]');
  const words = box.querySelector('input').value.trim();
  box.asked?.abort();
  if (!words) {
    hits.replaceChildren();
    return;
  }
  box.asked = new AbortController();
  try {
    const answer = await fetch(`${box.dataset.clauses}?q=${encodeURIComponent(words)}`, { signal: box.asked.signal });
    if (answer.ok && !answer.redirected) hits.innerHTML = await answer.text();
  } catch {
    // A later word took its place, or there is no network: what stands in the fields stays.
  }
}

function write(row, key, text, always) {
  const field = control(row, key);
  if (!field || !text || field.readOnly) return;
  if (field.value.trim() && (!always || field.value.includes(text))) return;
  const joined = field.value.trim() ? `${field.value.trim()}；${text}` : text;
  if (field.maxLength > 0 && joined.length > field.maxLength) return;
  field.value = joined;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

function take(hit) {
  const clause = JSON.parse(hit.dataset.clause);
  const box = hit.closest('[data-clauses]');
  const row = box.closest('[data-row]');
  const major = clause.use === 'criterion';
  const choice = major && row.querySelector('[data-field="class"] input[value="major"]');
  if (choice && !choice.checked) {
    choice.checked = true;
    choice.dispatchEvent(new Event('change', { bubbles: true }));
  }
  write(row, major ? 'criterion' : 'basis', clause.cited, true);
  write(row, 'description', clause.description, false);
  write(row, 'measure', clause.demand, false);
  box.querySelector('[data-hits]').replaceChildren();
  box.querySelector('input').value = '';
  control(row, major ? 'criterion' : 'basis')?.focus();
}

function step(event, box) {
  const hits = [...box.querySelectorAll('.clause-hit')];
  const at = hits.indexOf(document.activeElement);
  if (event.key === 'Escape') {
    box.querySelector('[data-hits]').replaceChildren();
    box.querySelector('input').focus();
  } else if (event.key === 'ArrowDown') hits[Math.min(at + 1, hits.length - 1)]?.focus();
  else if (event.key === 'ArrowUp') (hits[at - 1] ?? box.querySelector('input')).focus();
  else if (event.key !== 'Enter' || at >= 0) return;
  event.preventDefault(); // Enter in the search must not hand the form in
}

export function startClauses() {
  let waiting;
  document.addEventListener('input', (event) => {
    const box = event.target.type === 'search' && event.target.closest('[data-clauses]');
    if (!box) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => find(box), WAIT);
  });
  document.addEventListener('keydown', (event) => {
    const box = event.target.closest?.('[data-clauses]');
    if (box) step(event, box);
  });
  document.addEventListener('click', (event) => {
    const hit = event.target.closest?.('.clause-hit');
    if (hit) take(hit);
  });
}
