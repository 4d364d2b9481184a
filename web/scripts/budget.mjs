// The first load may cost 250 KB of gzipped JavaScript: the entry and all that it imports at once.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 250;
const dist = new URL('../dist/', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'));

function reach(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  (manifest[name].imports ?? []).forEach((next) => reach(next, seen));
  return seen;
}

const files = [...reach('index.html')].map((name) => manifest[name].file);
const kilobytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(dist + file)).length, 0) / 1024;
console.log(`First load: ${kilobytes.toFixed(0)} KB gzipped JavaScript in ${files.length} files (limit ${LIMIT_KB})`);
if (kilobytes > LIMIT_KB) process.exit(1);
