import { STUDENT, TEACHER, expect, test } from './people';

test('a page whose file a new version replaced says so, and comes when loaded anew', async ({ as }) => {
  const page = await as(TEACHER);
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const gone = /\/assets\/Classrooms-[^/]+\.js/;
  await page.route(gone, (route) => route.fulfill({ status: 404, body: '' }));
  const there = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Classrooms', exact: true });
  await there.click();
  await expect(page.getByRole('alert').getByRole('heading', { level: 1 })).toBeVisible();
  await page.unroute(gone);
  await page.getByRole('alert').getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Classrooms' })).toBeVisible();
});

test('a student finds nothing where others work', async ({ as }) => {
  const page = await as(STUDENT);
  for (const path of ['/people', '/people/import', '/school', '/audit-log', '/teachers', '/classrooms/x/gradebook']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: 'There is nothing here' }), path).toBeVisible();
  }
});

test('a tab goes on as nobody else when another one signs in', async ({ as }) => {
  const page = await as(TEACHER);
  await page.goto('/classrooms');
  await expect(
    page.getByRole('link', { name: 'Open a classroom' }).or(page.getByText('Mathematics 7a')).first(),
  ).toBeVisible();
  const other = await as(STUDENT);
  await page.context().clearCookies();
  await page.context().addCookies(await other.context().cookies());
  // The teacher's token is over.
  let refused = false;
  await page.route('**/api/grading/**', (route) => {
    if (refused) return route.continue();
    refused = true;
    return route.fulfill({ status: 401, contentType: 'application/json', body: '{"code":"x","detail":"x"}' });
  });
  await page.getByRole('link', { name: 'Performance', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Hello, Noa' })).toBeVisible();
});
