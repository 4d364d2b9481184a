import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { selectAllAssignments } from '@/features/assignments/store';
import { KindIcon } from '@/features/assignments/components/KindIcon';
import { colourOf } from '@/features/classrooms/colour';
import { selectClassrooms } from '@/features/classrooms/store';
import { selectRole } from '@/features/session/store';
import { useAppSelector } from '@/shared/store';
import { PLACES } from './Navigation';

/** Every page, classroom and assignment there is, out of the store. */
export default function Search() {
  const { t } = useTranslation();
  const go = useNavigate();
  const role = useAppSelector(selectRole) ?? 'student';
  const classrooms = useAppSelector(selectClassrooms);
  const assignments = useAppSelector(selectAllAssignments);

  const groups = useMemo<SpotlightActionGroupData[]>(() => {
    const titles = Object.fromEntries(classrooms.map((one) => [one.id, one.title]));
    return [
      {
        group: t('search.places'),
        actions: [...PLACES[role], { to: '/profile', key: 'profile', icon: IconSearch }].map(
          ({ to, key, icon: Picture }) => ({
            id: to,
            label: t(`nav.${key}`),
            leftSection: <Picture size={20} aria-hidden />,
            onClick: () => void go(to),
          }),
        ),
      },
      {
        group: t('nav.classrooms'),
        actions: classrooms.map((one) => ({
          id: one.id,
          label: one.title,
          description: one.subject ?? undefined,
          leftSection: (
            <span style={{ width: 14, height: 14, borderRadius: 4, background: colourOf(one) }} aria-hidden />
          ),
          onClick: () => void go(`/classrooms/${one.id}`),
        })),
      },
      {
        group: t('search.assignments'),
        actions: assignments.map((one) => ({
          id: one.id,
          label: one.title,
          description: titles[one.classroom_id],
          leftSection: <KindIcon kind={one.kind} size={20} />,
          onClick: () => void go(`/assignments/${one.id}`),
        })),
      },
    ].filter((group) => group.actions.length > 0);
  }, [t, go, role, classrooms, assignments]);

  return (
    <Spotlight
      actions={groups}
      shortcut={null}
      limit={12}
      highlightQuery
      scrollable
      maxHeight={480}
      nothingFound={t('search.nothing')}
      searchProps={{
        leftSection: <IconSearch size={20} aria-hidden />,
        placeholder: t('search.hint'),
        'aria-label': t('search.open'),
      }}
    />
  );
}
