// Forms made from schemas: what JavaScript adds to them.
export function startForms() {}
