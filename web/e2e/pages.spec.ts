import { ADMIN, STUDENT, TEACHER, expect, placesOf, test } from './people';
import { check, go } from './look';
import { VISITS, type Visitor } from './visits';

const PEOPLE: Record<Visitor, string | null> = { stranger: null, student: STUDENT, teacher: TEACHER, admin: ADMIN };

for (const who of Object.keys(VISITS) as Visitor[]) {
  for (const visit of VISITS[who]) {
    test(`a ${who} at ${visit}`, async ({ walker }) => {
      const { page, wrong } = await walker(PEOPLE[who]);
      const path = who === 'stranger' ? visit : await placesOf(visit);
      wrong.clear();
      await go(page, path);
      await check(page, path);
      expect(wrong.told(), 'nothing is said in the console and no request fails').toEqual([]);
    });
  }
}
