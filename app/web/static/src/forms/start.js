// Forms made from schemas: what JavaScript adds to them. Everything also works without it.
import { preparePads } from '../parts/pad.js';
import { startConditions, settle } from './conditions.js';
import { offerDraft, startDrafts, startSignOut } from './drafts.js';
import { startPhotos } from './photos.js';
import { showProblems, startProblems } from './problems.js';
import { startRows } from './rows.js';
import { startSending } from './send.js';

export function prepare(root = document) {
  for (const form of root.querySelectorAll('form[data-sheet]')) {
    settle(form);
    offerDraft(form);
  }
  preparePads(root);
  showProblems(root);
}

export function startForms() {
  startConditions();
  startRows();
  startPhotos();
  startDrafts();
  startSignOut();
  startProblems();
  startSending(prepare);
  prepare();
}
