// Words of the page's language; the server puts them on <body data-say-…>.
export function say(name, values = {}) {
  const key = `say${name[0].toUpperCase()}${name.slice(1)}`;
  const wording = document.body.dataset[key] ?? '';
  return wording.replace(/\{(\w+)\}/g, (place, value) => values[value] ?? place);
}
