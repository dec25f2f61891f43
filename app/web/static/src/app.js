// What every page loads: partial updates, menus, dialogs, copying, forms and their drafts.
import htmx from 'htmx.org';
import { startClauses } from './parts/clauses.js';
import { startConfirm } from './parts/confirm.js';
import { startCopy } from './parts/copy.js';
import { startFill } from './parts/fill.js';
import { startForms } from './forms/start.js';
import { startMenus } from './parts/menus.js';
import { startOnce } from './parts/once.js';
import { startPads } from './parts/pad.js';

window.htmx = htmx;
document.documentElement.classList.add('js');
startMenus();
startConfirm();
startCopy();
startOnce();
startFill();
startPads();
startForms();
startClauses();
