// Records what the change feed sends, for src/features/session/feed.test.ts: on a freshly made demo school,
//   HOMEROOM_URL=https://localhost:8443 node scripts/record-feed.mjs
// A teacher changes their classroom in every way; the pages of that teacher, a colleague and a student are recorded.
import { chromium } from '@playwright/test';
import { writeFileSync } from 'node:fs';

const base = process.env.HOMEROOM_URL ?? 'https://localhost:8443';
const PASSWORD = 'homeroom-demo-2026';
const SETTLE_MS = 4000;

async function signIn(browser, email) {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await page.goto(`${base}/favicon.svg`);
  await page.evaluate(
    async ([email, password]) => {
      const answer = await fetch('/api/auth/login', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ email, password }),
      });
      const { access_token } = await answer.json();
      window.call = async (method, path, body, headers = {}) => {
        const response = await fetch(path, {
          method,
          headers: { Authorization: `Bearer ${access_token}`, 'Content-Type': 'application/json', ...headers },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
        return response.status === 204 ? null : response.json();
      };
      window.frames_ = [];
      window.follow = (versions) =>
        new Promise((resolve) => {
          const address = new URL('/api/classroom/feed', location.href.replace(/^http/, 'ws'));
          const socket = new WebSocket(address, ['homeroom.v1', `bearer.${access_token}`]);
          socket.onopen = () => socket.send(JSON.stringify({ type: 'have', versions, more: false }));
          socket.onmessage = ({ data }) => {
            const frame = JSON.parse(data);
            window.frames_.push(frame);
            if (frame.type === 'head') resolve();
          };
        });
    },
    [email, PASSWORD],
  );
  const call = (...request) => page.evaluate((request) => window.call(...request), request);
  return { page, call };
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' });
const C = '/api/classroom';
const people = [];
for (const [who, email] of [
  ['a teacher', 'amara.okafor@demo.example'],
  ['a colleague', 'tomas.lindqvist@demo.example'],
  ['a student', 'noa.peretz@demo.example'],
]) {
  const person = await signIn(browser, email);
  people.push({ who, ...person, before: await person.call('GET', `${C}/bootstrap`) });
}
for (const { page, before } of people) await page.evaluate((versions) => window.follow(versions), before.versions);

const [teacher, colleague, student] = people;
const shared = teacher.before.classrooms.find((view) => view.teachers.length > 1);
const id = shared.classroom.id;
const call = teacher.call;
const me = student.before.person.account_id;
const once = () => ({ 'Idempotency-Key': crypto.randomUUID() });

const topic = await call('POST', `${C}/classrooms/${id}/topics`, { title: 'Light' }, once());
const piece = {
  kind: 'homework',
  title: 'Shadows',
  description: 'Draw **one**.',
  topic_id: topic.id,
  status: 'published',
};
const homework = await call('POST', `${C}/classrooms/${id}/assignments`, { ...piece, points_possible: '10' }, once());
await call('POST', `${C}/classrooms/${id}/assignments`, { ...piece, title: 'For one', assigned_to: [me] }, once());
await call('POST', `${C}/classrooms/${id}/assignments`, { ...piece, title: 'A draft', status: 'draft' }, once());
await call(
  'PATCH',
  `${C}/assignments/${homework.id}`,
  { title: 'Long shadows' },
  { 'If-Match': `"${homework.revision}"` },
);
await call('PUT', `${C}/classrooms/${id}/topics/order`, { topic_ids: [topic.id] });
await call('POST', `${C}/classrooms/${id}/announcements`, { body: 'Bring a torch.' }, once());
await call('PUT', `${C}/assignments/${homework.id}/grades/${me}`, { score: '8', feedback: 'Good.' });
await call('POST', `${C}/assignments/${homework.id}/release`);
const lecture = shared.assignments.find((one) => one.kind === 'lecture');
await student.call('PUT', `${C}/assignments/${lecture.id}/notes/me`, { body: 'Light is fast.', rev: 1, seq: null });
const work = `${C}/assignments/${shared.assignments.find((one) => one.title === 'Practice sheet').id}/submissions/me`;
await student.call('PUT', work, { body: 'Mine', file_ids: [] });
await student.call('POST', `${work}/turn-in`);
const other = await call('POST', `${C}/classrooms`, { title: 'Physics 7b' }, once());
const { join_code } = await call('POST', `${C}/classrooms/${other.id}/join-code`, {});
await student.call('POST', `${C}/enrollments`, { join_code }, once());
const left = student.before.classrooms.find((view) => view.classroom.id !== id).classroom.id;
await student.call('DELETE', `${C}/classrooms/${left}/students/me`);
await colleague.call('POST', `${C}/classrooms/${id}/announcements`, { body: 'And a mirror.' }, once());

await teacher.page.waitForTimeout(SETTLE_MS);
const recordings = [];
for (const { who, page, call, before } of people) {
  const frames = (await page.evaluate(() => window.frames_)).filter((frame) => frame.type !== 'head');
  recordings.push({ who, before, frames, after: await call('GET', `${C}/bootstrap`) });
}
await browser.close();
const target = new URL('../src/features/session/feed.recorded.json', import.meta.url).pathname;
writeFileSync(target, `${JSON.stringify(recordings)}\n`);
console.log(recordings.map(({ who, frames }) => `${who}: ${frames.length} frames`).join('; '));
