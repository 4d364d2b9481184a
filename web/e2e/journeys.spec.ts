import { CLASSMATE, OTHER_STUDENT, PASSWORD, STUDENT, TEACHER, expect, test } from './people';

test('from a new classroom to the grade a student sees', async ({ as, page }) => {
  const sheet = { name: 'sheet.txt', mimeType: 'text/plain', buffer: Buffer.from('53 + 60 + 67 = 180') };
  const title = `Physics ${Date.now().toString(36)}`;
  const teacher = await as(TEACHER);

  // The teacher opens a classroom, a topic and a homework.
  await teacher.goto('/classrooms?new=1');
  await teacher.getByLabel('Name').fill(title);
  await teacher.getByRole('button', { name: 'Open the classroom' }).click();
  await expect(teacher.getByRole('heading', { level: 1, name: title })).toBeVisible();
  const place = new URL(teacher.url()).pathname;
  await teacher.getByPlaceholder('Topic').fill('Light');
  await teacher.getByRole('button', { name: 'Add topic' }).click();
  await expect(teacher.getByRole('heading', { name: 'Light' })).toBeVisible();
  await teacher.getByRole('button', { name: 'Make a code' }).click();
  await teacher.getByRole('button', { name: 'Show large' }).click();
  const code = teacher.getByRole('dialog').getByText(/^[A-Z0-9]{4,}([ -][A-Z0-9]+)*$/);
  const joinCode = await code.innerText();
  await teacher.keyboard.press('Escape');
  await teacher.getByRole('link', { name: 'New assignment' }).click();
  await teacher.getByRole('radio', { name: /Homework/ }).click();
  await teacher.getByLabel('Title').fill('Lenses');
  await teacher.getByLabel('Points possible').fill('10');
  await teacher.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(teacher.getByRole('heading', { level: 1, name: 'Lenses' })).toBeVisible();

  // A student signs in at the page itself, joins by the code and hands in, though the connection breaks once.
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(CLASSMATE);
  await page.getByRole('textbox', { name: /^Password/ }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Join a classroom' }).click();
  await page.getByLabel('Join code').fill(joinCode.toLowerCase());
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('link', { name: /Lenses/ }).click();
  await page.getByLabel('Text').fill('A lens bends light.');
  let broken = 0;
  await page.route('**/blobs/**', (route) => (broken++ === 0 ? route.abort('connectionreset') : route.continue()));
  await page.locator('input[type=file]').setInputFiles(sheet);
  await expect(page.getByRole('link', { name: /sheet\.txt/ }).or(page.getByText('sheet.txt'))).toBeVisible();
  const turnIn = page.getByRole('button', { name: 'Turn in' });
  await expect(turnIn).toBeEnabled();
  expect(broken, 'the upload went on after the break').toBeGreaterThan(1);
  await turnIn.click();
  await expect(page.getByRole('button', { name: 'Take back' })).toBeVisible();
  await expect(page.getByText('Not graded yet.')).toBeVisible();

  // The teacher grades it beside the file, then releases.
  const lenses = new URL(teacher.url()).pathname;
  await teacher.goto(`${lenses}/submissions`);
  await teacher.getByRole('navigation', { name: 'Students' }).getByText('Jonas Weber').click();
  await expect(teacher.getByText('A lens bends light.')).toBeVisible();
  await teacher.getByLabel('Score').fill('8.5');
  await teacher.getByLabel('Feedback').fill('Well seen.');
  await teacher.getByRole('button', { name: 'Save grade' }).click();
  await expect(teacher.getByText('Grade saved').first()).toBeVisible();
  await page.reload();
  await expect(page.getByText('Not graded yet.')).toBeVisible();
  await teacher.getByRole('button', { name: 'Release all drafts' }).click();
  await teacher.getByRole('dialog').getByRole('button', { name: 'Release all drafts' }).click();
  await expect(teacher.getByText('1 grade released')).toBeVisible();

  // The student, who has the page open, is told.
  await expect(page.getByText('Well seen.')).toBeVisible();
  await expect(page.getByText('8.5')).toBeVisible();

  // And clears away what the journey made.
  await teacher.goto(`${place}/settings`);
  await teacher.getByRole('button', { name: 'Delete the classroom' }).click();
  await teacher.getByRole('dialog').getByRole('button', { name: 'Delete the classroom' }).click();
  await expect(teacher.getByRole('heading', { level: 1, name: 'Classrooms' })).toBeVisible();
});

test('one lecture is heard by its own room alone', async ({ as, room }) => {
  const [here, there] = [await room('Here', [STUDENT]), await room('There', [OTHER_STUDENT])];
  const lectures = [await here.assignment('lecture', 'Waves'), await there.assignment('lecture', 'Stars')] as const;
  const [teacher, student, stranger] = [await as(TEACHER), await as(STUDENT), await as(OTHER_STUDENT)];
  const beside = await teacher.context().newPage();
  // Who waits at the door is let in as it opens.
  await student.goto(`/lectures/${lectures[0]}`);
  await expect(student.getByText('Not live yet')).toBeVisible();
  for (const [page, lecture] of [
    [teacher, lectures[0]],
    [beside, lectures[1]],
  ] as const) {
    await page.goto(`/lectures/${lecture}`);
    await page.getByRole('button', { name: 'Go live' }).click();
    await expect(page.getByRole('textbox', { name: 'Write to the room' })).toBeEnabled();
  }
  await stranger.goto(`/lectures/${lectures[1]}`);
  await student.getByRole('button', { name: 'Raise your hand' }).click();
  await expect(teacher.getByText('1 hand up')).toBeVisible();
  const say = async (page: typeof teacher, text: string) => {
    await page.getByRole('textbox', { name: 'Write to the room' }).fill(text);
    await page.keyboard.press('Enter');
  };
  const heard = (page: typeof teacher, text: string) => page.getByRole('log').getByText(text);
  await say(student, 'What is a wave?');
  await expect(heard(teacher, 'What is a wave?')).toBeVisible();
  await say(teacher, 'Energy that travels.');
  await expect(heard(student, 'Energy that travels.')).toBeVisible();
  await say(stranger, 'And a star?');
  await expect(heard(beside, 'And a star?')).toBeVisible();
  await expect(heard(stranger, 'wave')).toHaveCount(0);
  await expect(heard(student, 'star')).toHaveCount(0);

  // Nobody else gets in, and the end is told to those who are.
  await stranger.goto(`/lectures/${lectures[0]}`);
  await expect(stranger.getByText('This lecture is not there, or not yours to see')).toBeVisible();
  await teacher.getByRole('button', { name: 'End the lecture' }).click();
  await teacher.getByRole('dialog').getByRole('button', { name: 'End the lecture' }).click();
  await expect(student.getByText('The lecture is over')).toBeVisible();
  await expect(student.getByRole('button', { name: 'Transcript' })).toBeVisible();
});

test('a quiz outlives a network that goes away in the middle', async ({ as, room }) => {
  const own = await room('Quiz', [STUDENT]);
  const quiz = await own.assignment('quiz', 'Numbers');
  const questions = ['One', 'Two'].map((title) => ({
    kind: 'numeric',
    title,
    points: '1',
    accepted: [{ value: '1' }],
  }));
  await own.teacher.call('PUT', `/assignments/${quiz}/questions`, { questions });
  await own.teacher.call('PATCH', `/assignments/${quiz}/quiz`, { results_show: 'when_marked' });
  const page = await as(STUDENT);
  await page.goto(`/quizzes/${quiz}`);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByLabel('Number').fill('1');
  await expect(page.getByText('All answers are saved')).toBeVisible();

  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Number').fill('1');
  await expect(page.getByText(/^No connection/).first()).toBeVisible();
  await expect(page.getByText('Kept on this device, sent when the connection is back')).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.getByText('All answers are saved')).toBeVisible();

  await page.reload();
  await page.getByRole('button', { name: /Go on|Start/ }).click();
  await page.getByRole('button', { name: 'Question 2, answered' }).click();
  await expect(page.getByLabel('Number')).toHaveValue('1');
  await page.getByRole('button', { name: 'Hand in' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Hand in' }).click();
  await expect(page.getByText('2 of 2')).toBeVisible();
});

test('two who grade the same work are told of each other', async ({ as, room }) => {
  const own = await room('Gradebook', [STUDENT]);
  const work = await own.assignment('homework', 'Essay', { points_possible: '10' });
  const page = await as(TEACHER);
  await page.goto(`${own.path}/gradebook`);
  const cell = page.getByRole('gridcell', { name: 'not due yet' }).or(page.getByRole('gridcell', { name: /open|due/ }));
  await cell.first().click();
  const { id } = await own.teacher
    .call<{ items: { account_id: string }[] }>('GET', `${own.path}/students`)
    .then(({ items }) => ({ id: items[0]!.account_id }));
  await own.teacher.call('PUT', `/assignments/${work}/grades/${id}`, { score: '4' });
  await page.keyboard.type('9');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Somebody else graded this' });
  await expect(dialog.getByText('4', { exact: true })).toBeVisible();
  await expect(dialog.getByText('9', { exact: true })).toBeVisible();
  await dialog.getByRole('button', { name: 'Use mine' }).click();
  await expect(page.getByRole('gridcell', { name: '9, draft' })).toBeVisible();
  const kept = await own.teacher.call<{ items: { score: string }[] }>('GET', `/assignments/${work}/grades`);
  expect(kept.items.map((grade) => Number(grade.score))).toEqual([9]);
});

test('a reload loses nothing that was typed', async ({ as, room }) => {
  const own = await room('Typing', [STUDENT]);
  const work = await own.assignment('homework', 'Diary');
  const [student, teacher] = [await as(STUDENT), await as(TEACHER)];
  await student.goto(`/assignments/${work}`);
  await student.getByLabel('Text').fill('Dear diary');
  await student.getByPlaceholder('Write a comment').last().fill('May it be long?');
  await student.reload();
  await expect(student.getByLabel('Text')).toHaveValue('Dear diary');
  await expect(student.getByPlaceholder('Write a comment').last()).toHaveValue('May it be long?');
  await teacher.goto(`${own.path}/assignments/new`);
  await teacher.getByLabel('Title').fill('Half a thought');
  await teacher.reload();
  await expect(teacher.getByLabel('Title')).toHaveValue('Half a thought');
});

test('work is scheduled by the form, for the morning of a day that is chosen', async ({ as, room }) => {
  const own = await room('Scheduled', []);
  const teacher = await as(TEACHER);
  await teacher.goto(`${own.path}/assignments/new`);
  await teacher.getByLabel('Title').fill('Next month');
  await teacher.getByRole('button', { name: 'Publish by itself' }).click();
  await teacher.getByRole('button', { name: 'Next', exact: true }).click();
  await teacher.getByRole('button', { name: /^15 / }).click();
  await teacher.getByRole('button', { name: 'Done', exact: true }).click();
  await teacher.getByRole('button', { name: 'Schedule', exact: true }).click();
  await expect(teacher.getByRole('heading', { level: 1, name: 'Next month' })).toBeVisible();
  await expect(teacher.getByText(/^From .*15.* 0?8:00/)).toBeVisible();
  const { assignments } = await own.teacher
    .call<{ classrooms: { classroom: { id: string }; assignments: { status: string }[] }[] }>('GET', '/bootstrap')
    .then(({ classrooms }) => classrooms.find((one) => one.classroom.id === own.id)!);
  expect(assignments.map((one) => one.status)).toEqual(['scheduled']);
});
