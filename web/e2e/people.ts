import { expect, request, test as plain, type Browser, type BrowserContext, type Page } from '@playwright/test';

/** The demo school's people, as `make up` prints them. */
export const PASSWORD = process.env.HOMEROOM_DEMO_PASSWORD ?? 'homeroom-demo-2026';
export const ADMIN = 'admin@demo.example';
export const TEACHER = 'amara.okafor@demo.example';
export const STUDENT = 'noa.peretz@demo.example';
export const CLASSMATE = 'jonas.weber@demo.example';
export const OTHER_STUDENT = 'mei.tanaka@demo.example';

const BASE = process.env.HOMEROOM_URL ?? 'https://localhost:8443';
const JSON_HEADERS = { Origin: BASE, 'Content-Type': 'application/json' };

/** A person's browser: signed in, with a page that has not been opened. */
export async function browserOf(browser: Browser, email: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: BASE, ignoreHTTPSErrors: true, reducedMotion: 'reduce' });
  await signInQuietly(context, email);
  return context.newPage();
}

/** By the API: the refresh cookie is the context's, and the app looks for it. */
async function signInQuietly(context: BrowserContext, email: string): Promise<void> {
  const answer = await context.request.post('/api/auth/login', {
    data: { email, password: PASSWORD },
    headers: JSON_HEADERS,
  });
  expect(answer.ok(), `${email} signs in`).toBe(true);
  await context.addInitScript(() => localStorage.setItem('homeroom.signed-in', '1'));
}

/** What the page says is wrong: errors of the console, requests that failed. Whatever a test provokes is `expected`. */
export function complaints(page: Page, expected = /^$/): string[] {
  const found: string[] = [];
  const note = (text: string) => {
    if (!expected.test(text)) found.push(text);
  };
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && note(`${page.url()} ${line.text()}`));
  page.on('pageerror', (error) => note(`${page.url()} ${String(error)}`));
  page.on('response', (answer) => answer.status() >= 400 && note(`${answer.status()} ${answer.url()}`));
  return found;
}

/** Somebody who speaks to the API alone, to prepare what a journey needs. */
export class Caller {
  private constructor(
    private readonly api: Awaited<ReturnType<typeof request.newContext>>,
    readonly id: string,
  ) {}

  static async signIn(email: string): Promise<Caller> {
    const api = await request.newContext({ baseURL: BASE, ignoreHTTPSErrors: true });
    const answer = await api.post('/api/auth/login', { data: { email, password: PASSWORD }, headers: JSON_HEADERS });
    const { access_token } = (await answer.json()) as { access_token: string };
    await api.dispose();
    const claims = JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString()) as { sub: string };
    const headers = { ...JSON_HEADERS, Authorization: `Bearer ${access_token}` };
    return new Caller(
      await request.newContext({ baseURL: BASE, ignoreHTTPSErrors: true, extraHTTPHeaders: headers }),
      claims.sub,
    );
  }

  async call<T>(method: string, path: string, data?: unknown): Promise<T> {
    const body = method === 'GET' || method === 'DELETE' ? undefined : (data ?? {});
    const answer = await this.api.fetch(`/api/classroom${path}`, { method, data: body });
    const text = await answer.text();
    expect(answer.ok(), `${method} ${path}: ${text}`).toBe(true);
    return (text ? JSON.parse(text) : null) as T;
  }
}

/** A classroom of one test: made by the demo's teacher, deleted afterwards. */
export class Room {
  constructor(
    readonly teacher: Caller,
    readonly id: string,
    readonly title: string,
    readonly code: string,
  ) {}

  get path(): string {
    return `/classrooms/${this.id}`;
  }

  static async open(title: string, students: string[]): Promise<Room> {
    const teacher = await Caller.signIn(TEACHER);
    const { id } = await teacher.call<{ id: string }>('POST', '/classrooms', { title });
    const { join_code } = await teacher.call<{ join_code: string }>('POST', `/classrooms/${id}/join-code`);
    const room = new Room(teacher, id, title, join_code);
    for (const email of students) await (await Caller.signIn(email)).call('POST', '/enrollments', { join_code });
    return room;
  }

  /** A published assignment; its id. */
  async assignment(kind: string, title: string, more: object = {}): Promise<string> {
    const body = { kind, title, status: 'published', ...more };
    return (await this.teacher.call<{ id: string }>('POST', `${this.path}/assignments`, body)).id;
  }
}

interface Fixtures {
  /** Opens classrooms that are deleted when the test is over. */
  room: (title: string, students?: string[]) => Promise<Room>;
  /** Opens a signed-in browser that is closed when the test is over. */
  as: (email: string) => Promise<Page>;
}

export const test = plain.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads from the pattern that nothing is needed
  room: async ({}, use) => {
    const opened: Room[] = [];
    await use(async (title, students = []) => {
      const room = await Room.open(`${title} ${Date.now().toString(36)}`, students);
      opened.push(room);
      return room;
    });
    for (const room of opened) await room.teacher.call('DELETE', room.path);
  },
  as: async ({ browser }, use) => {
    const pages: Page[] = [];
    await use(async (email) => {
      const page = await browserOf(browser, email);
      pages.push(page);
      return page;
    });
    for (const page of pages) await page.context().close();
  },
});

export { expect };
