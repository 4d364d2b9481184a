import { CLASSMATE, Caller, OTHER_STUDENT, STUDENT, TEACHER, expect, test } from './people';

test('a student moves to another group, what becomes of their work shown before', async ({ as, room }) => {
  const own = await room('Groups', [STUDENT, CLASSMATE, OTHER_STUDENT]);
  const [noa, jonas, mei] = await Promise.all([STUDENT, CLASSMATE, OTHER_STUDENT].map((email) => Caller.signIn(email)));
  const work = await own.assignment('group', 'Bridge model', { points_possible: '10' });
  const groups = [
    { name: 'Arches', student_ids: [noa!.id, jonas!.id] },
    { name: 'Beams', student_ids: [mei!.id] },
  ];
  await own.teacher.call('PUT', `/assignments/${work}/groups`, { mode: 'by_hand', groups });
  await noa!.call('PUT', `/assignments/${work}/submissions/me`, { body: 'An arch pushes.', file_ids: [] });
  await noa!.call('POST', `/assignments/${work}/submissions/me/turn-in`);

  const page = await as(TEACHER);
  await page.goto(`/assignments/${work}/groups`);
  await page.getByRole('button', { name: 'Move Noa Peretz' }).click();
  await page.getByRole('menuitem', { name: 'Beams' }).click();
  const dialog = page.getByRole('dialog', { name: 'Move Noa Peretz' });
  await expect(dialog.getByText('No work')).toBeVisible();
  await dialog.getByRole('radio', { name: 'They keep theirs' }).click();
  await expect(dialog.getByText('Turned in')).toHaveCount(2);
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await expect(page.getByText('Moved')).toBeVisible();
});

test('students choose their group while there is a place in it', async ({ as, room }) => {
  const own = await room('Choice', [STUDENT, CLASSMATE]);
  const work = await own.assignment('group', 'Poster by choice');
  const classmate = await Caller.signIn(CLASSMATE);
  const groups = [
    { name: 'Sun', student_ids: [] },
    { name: 'Moon', student_ids: [classmate.id] },
  ];
  await own.teacher.call('PUT', `/assignments/${work}/groups`, { mode: 'self_sign_up', limit: 1, groups });
  const page = await as(STUDENT);
  await page.goto(`/assignments/${work}`);
  await expect(page.getByRole('button', { name: 'Join Moon' })).toBeDisabled();
  await page.getByRole('button', { name: 'Join Sun' }).click();
  await expect(page.getByText('You are in Sun')).toBeVisible();
  await page.getByRole('button', { name: 'Leave the group' }).click();
  await expect(page.getByRole('button', { name: 'Join Sun' })).toBeEnabled();
});
