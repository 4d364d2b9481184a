import { expect, request, test as plain, type Browser, type BrowserContext, type Page } from '@playwright/test';

/** The demo school's people, as `make up` prints them. */
export const PASSWORD = process.env.HOMEROOM_DEMO_PASSWORD ?? 'homeroom-demo-2026';
export const ADMIN = 'admin@demo.example';
export const TEACHER = 'amara.okafor@demo.example';
export const STUDENT = 'noa.peretz@demo.example';
export const CLASSMATE = 'jonas.weber@demo.example';
export const OTHER_STUDENT = 'mei.tanaka@demo.example';

const BASE = process.env.HOMEROOM_URL ?? 'https://localhost:8443';
// A token lives for ten minutes, a test for four.
const REUSED_MS = 5 * 60_000;
const JSON_HEADERS = { Origin: BASE, 'Content-Type': 'application/json' };

/** A person's browser: signed in, with a page that has not been opened. */
async function browserOf(browser: Browser, email: string): Promise<Page> {
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

/** What the page says is wrong: errors of the console, requests that failed and were not asked again with success. */
class Complaints {
  private said: string[] = [];
  private readonly failed = new Map<string, string>();

  constructor(page: Page) {
    page.on('console', (line) => {
      if (line.text().startsWith('Failed to load resource')) return; // the answer itself is looked at below
      if (['error', 'warning'].includes(line.type())) this.said.push(`${page.url()} ${line.text()}`);
    });
    page.on('pageerror', (error) => this.said.push(`${page.url()} ${String(error)}`));
    page.on('response', (answer) => {
      const asked = `${answer.request().method()} ${answer.url()}`;
      if (answer.status() >= 400) this.failed.set(asked, `${answer.status()} ${asked}`);
      else this.failed.delete(asked);
    });
  }

  clear(): void {
    this.said = [];
    this.failed.clear();
  }

  told(): string[] {
    return [...this.said, ...this.failed.values()];
  }
}

/** Somebody who speaks to the API alone, to prepare what a journey needs. */
export class Caller {
  private constructor(
    private readonly api: Awaited<ReturnType<typeof request.newContext>>,
    readonly id: string,
  ) {}

  private static readonly known = new Map<string, { caller: Promise<Caller>; until: number }>();

  /** Anew only when the token would not live through another test. */
  static signIn(email: string): Promise<Caller> {
    const known = Caller.known.get(email);
    if (known && known.until > Date.now()) return known.caller;
    const caller = Caller.new(email);
    Caller.known.set(email, { caller, until: Date.now() + REUSED_MS });
    return caller;
  }

  private static async new(email: string): Promise<Caller> {
    const api = await request.newContext({ baseURL: BASE, ignoreHTTPSErrors: true });
    const answer = await api.post('/api/auth/login', { data: { email, password: PASSWORD }, headers: JSON_HEADERS });
    expect(answer.ok(), `${email} signs in: ${await answer.text()}`).toBe(true);
    const { access_token } = (await answer.json()) as { access_token: string };
    await api.dispose();
    const claims = JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString()) as { sub: string };
    const headers = { ...JSON_HEADERS, Authorization: `Bearer ${access_token}` };
    return new Caller(
      await request.newContext({ baseURL: BASE, ignoreHTTPSErrors: true, extraHTTPHeaders: headers }),
      claims.sub,
    );
  }

  async call<T>(method: string, path: string, data?: unknown, service = 'classroom'): Promise<T> {
    const body = method === 'GET' || method === 'DELETE' ? undefined : (data ?? {});
    const answer = await this.api.fetch(`/api/${service}${path}`, { method, data: body });
    const text = await answer.text();
    expect(answer.ok(), `${method} ${path}: ${text}`).toBe(true);
    return (text ? JSON.parse(text) : null) as T;
  }
}

/** A classroom of one test: made by the demo's teacher, deleted afterwards. */
class Room {
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

/** Somebody of one test alone, made by the admin, in the role that they are given; deactivated afterwards. */
class Newcomer {
  private constructor(
    private readonly admin: Caller,
    readonly id: string,
    readonly email: string,
  ) {}

  static async make(name: string): Promise<Newcomer> {
    const admin = await Caller.signIn(ADMIN);
    const email = `${crypto.randomUUID()}@demo.example`;
    const made = { email, name, role: 'student' };
    const { account, temporary_password: password } = await admin.call<{
      account: { id: string };
      temporary_password: string;
    }>('POST', '/accounts', made, 'auth');
    await admin.call('POST', '/login', { email, password, new_password: PASSWORD }, 'auth');
    return new Newcomer(admin, account.id, email);
  }

  become(role: string): Promise<unknown> {
    return this.admin.call('PATCH', `/accounts/${this.id}`, { role }, 'auth');
  }

  leave(): Promise<unknown> {
    return this.admin.call('DELETE', `/accounts/${this.id}`, undefined, 'auth');
  }
}

interface Shown {
  classrooms: {
    classroom: { id: string; title: string };
    topics: { id: string }[];
    assignments: { id: string; title: string }[];
  }[];
}

/** The ids of the demo school by the names that `visits.ts` and the pictures give them. */
async function findPlaces(): Promise<Map<string, string>> {
  const [teacher, student] = [await Caller.signIn(TEACHER), await Caller.signIn(STUDENT)];
  const { classrooms } = await teacher.call<Shown>('GET', '/bootstrap');
  const { classroom, topics, assignments } = classrooms.find((one) => one.classroom.title === 'Mathematics 7a')!;
  const ids = new Map(assignments.map(({ title, id }) => [title, id]));
  const attempts = `/assignments/${ids.get('Check-up: angles')!}/attempts`;
  const { items } = await teacher.call<{ items: { id: string }[] }>('GET', attempts);
  return ids
    .set('classroom', classroom.id)
    .set('topic', topics.at(-1)!.id)
    .set('teacher', teacher.id)
    .set('student', student.id)
    .set('attempt', items[0]!.id);
}

let places: Promise<Map<string, string>> | undefined;

/** A path with the ids of the demo school in the place of `{…}`. */
export async function placesOf(path: string): Promise<string> {
  const ids = await (places ??= findPlaces());
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const id = ids.get(name);
    if (!id) throw new Error(`The demo school has no ${name}`);
    return id;
  });
}

interface Walker {
  page: Page;
  wrong: Complaints;
}

async function walk(browser: Browser, email: string | null): Promise<Walker> {
  const page = email
    ? await browserOf(browser, email)
    : await (await browser.newContext({ baseURL: BASE, ignoreHTTPSErrors: true, reducedMotion: 'reduce' })).newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  const wrong = new Complaints(page);
  await page.goto(email ? '/' : '/sign-in');
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  return { page, wrong };
}

interface Fixtures {
  /** Opens classrooms that are deleted when the test is over. */
  room: (title: string, students?: string[]) => Promise<Room>;
  /** Makes accounts of this test alone, students at first. */
  newcomer: (name: string) => Promise<Newcomer>;
  /** Opens a signed-in browser that is closed when the test is over. */
  as: (email: string) => Promise<Page>;
}

interface Shared {
  /** A person's page that stays open from test to test, so that each begins where the app is already there. */
  walker: (email: string | null) => Promise<Walker>;
}

export const test = plain.extend<Fixtures, Shared>({
  walker: [
    async ({ browser }, use) => {
      const walkers = new Map<string | null, Promise<Walker>>();
      await use((email) => {
        const walker = walkers.get(email) ?? walk(browser, email);
        walkers.set(email, walker);
        return walker;
      });
      for (const walker of walkers.values()) await (await walker).page.context().close();
    },
    { scope: 'worker' },
  ],
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
  // eslint-disable-next-line no-empty-pattern -- as above
  newcomer: async ({}, use) => {
    const made: Newcomer[] = [];
    await use(async (name) => {
      const person = await Newcomer.make(name);
      made.push(person);
      return person;
    });
    for (const person of made) await person.leave();
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
