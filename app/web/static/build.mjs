// Builds app/web/static/dist: bundles with hashed names, and manifest.json which maps plain names to them.
// Run with: node app/web/static/build.mjs
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, 'src');
const target = path.join(here, 'dist');
const fresh = path.join(here, `dist.${process.pid}`);
const entries = ['app.js', 'viewer.js', 'app.css', 'viewer.css'];

const manifest = {};

function put(name, body) {
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
  const extension = path.extname(name);
  manifest[name] = `${path.basename(name, extension)}-${digest}${extension}`;
  fs.writeFileSync(path.join(fresh, manifest[name]), body);
  const packed = gzipSync(body, { level: 9 }).length;
  console.log(name.padEnd(18), String(body.length).padStart(8), 'compressed', String(packed).padStart(7));
}

fs.mkdirSync(fresh);
try {
  const result = await build({
    entryPoints: entries.map((name) => path.join(source, name)),
    outdir: fresh,
    absWorkingDir: path.resolve(here, '../../..'),
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome87', 'firefox88', 'safari14.1'],
    loader: { '.woff2': 'empty', '.woff': 'empty', '.svg': 'dataurl' },
    legalComments: 'inline',
    logLevel: 'warning',
  });
  for (const file of result.outputFiles) put(path.relative(fresh, file.path), Buffer.from(file.contents));
  put('icon.svg', fs.readFileSync(path.join(source, 'icon.svg')));
  const web = JSON.parse(fs.readFileSync(path.join(source, 'app.webmanifest'), 'utf8'));
  for (const icon of web.icons) icon.src = manifest[icon.src];
  put('app.webmanifest', Buffer.from(JSON.stringify(web)));
  fs.writeFileSync(path.join(fresh, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(fresh, target);
} finally {
  fs.rmSync(fresh, { recursive: true, force: true });
}
