import { Button, Group } from '@mantine/core';
import { IconChartBar, IconEye, IconListNumbers, IconPencilCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

const PLACES = [
  ['console', '', IconEye],
  ['edit', '/edit', IconListNumbers],
  ['marking', '/marking', IconPencilCheck],
  ['statistics', '/statistics', IconChartBar],
] as const;

/** From one of a teacher's pages of a quiz to the others. */
export function QuizTabs({ assignmentId }: { assignmentId: string }) {
  const { t } = useTranslation('quiz');
  const { pathname } = useLocation();
  return (
    <Group gap="xs" component="nav" aria-label={t('tabs.label')}>
      {PLACES.map(([name, place, Icon]) => {
        const to = `/quizzes/${assignmentId}${place}`;
        const here = pathname === to;
        return (
          <Button
            key={name}
            component={Link}
            to={to}
            size="sm"
            variant={here ? 'light' : 'subtle'}
            aria-current={here ? 'page' : undefined}
            leftSection={<Icon size={16} aria-hidden />}
          >
            {t(`tabs.${name}`)}
          </Button>
        );
      })}
    </Group>
  );
}
