import { STUDENT, TEACHER, expect, test } from './people';

test('powers in an open room come and go with the role, without a reload', async ({ as, room, newcomer }) => {
  const both = await newcomer('Robin Both');
  const own = await room('Roles', [both.email]);
  const lecture = await own.assignment('lecture', 'Tides');
  await both.become('teacher');
  const teacher = await as(TEACHER);
  await teacher.goto(`/lectures/${lecture}`);
  await teacher.getByRole('button', { name: 'Go live' }).click();
  await expect(teacher.getByRole('textbox', { name: 'Write to the room' })).toBeEnabled();

  const page = await as(both.email);
  await page.goto(`/lectures/${lecture}`);
  const powers = page.getByRole('button', { name: 'End the lecture' });
  const hand = page.getByRole('button', { name: 'Raise your hand' });
  const words = page.getByRole('textbox', { name: 'Write to the room' });
  await expect(hand).toBeVisible();
  await words.fill('Half a question');

  await own.teacher.call('POST', `${own.path}/teachers`, { account_id: both.id });
  await expect(powers).toBeVisible();
  await expect(hand).toBeHidden();
  await expect(words).toHaveValue('Half a question');
  await page.getByRole('button', { name: 'Only teachers write' }).click();
  await expect(page.getByRole('button', { name: 'Let everybody write' })).toBeVisible();

  await own.teacher.call('DELETE', `${own.path}/teachers/${both.id}`);
  await expect(hand).toBeVisible();
  await expect(powers).toBeHidden();
  await expect(page.getByText('Only teachers write now')).toBeVisible();
  await expect(words).toHaveValue('Half a question');
});

test('who comes back to a room that was closed meanwhile is told so', async ({ as, room }) => {
  const own = await room('Closed', [STUDENT]);
  const lecture = await own.assignment('lecture', 'Dusk');
  const [teacher, page] = [await as(TEACHER), await as(STUDENT)];
  await teacher.goto(`/lectures/${lecture}`);
  await teacher.getByRole('button', { name: 'Go live' }).click();

  // The student's first socket is lost, and the next reaches the server once the room is closed.
  let cut: () => Promise<void> = () => Promise.reject(new Error('not in the room'));
  let comeBack: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (comeBack = resolve));
  let handshakes = 0;
  await page.routeWebSocket(/\/lectures\/[^/]+\/socket/, async (socket) => {
    handshakes += 1;
    if (handshakes > 1) await closed;
    socket.connectToServer();
    cut = () => socket.close({ code: 1012 });
  });
  await page.goto(`/lectures/${lecture}`);
  await expect(page.getByRole('button', { name: 'Raise your hand' })).toBeVisible();
  await cut();
  await expect(page.getByText(/^Connect/)).toBeVisible();
  await teacher.getByRole('button', { name: 'End the lecture' }).click();
  await teacher.getByRole('dialog').getByRole('button', { name: 'End the lecture' }).click();
  await expect(teacher.getByRole('button', { name: 'Transcript' })).toBeVisible();
  comeBack();
  await expect(page.getByText('The lecture is over')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Transcript' })).toBeVisible();
});
