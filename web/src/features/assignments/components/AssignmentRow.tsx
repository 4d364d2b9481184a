import { Badge, Group, Text, ThemeIcon } from '@mantine/core';
import { IconCircleCheckFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { selectGrades, selectHandedIn } from '@/features/own/store';
import { selectRole } from '@/features/session/store';
import { dateTime, decimal, fromNow, isPast } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { type Assignment } from '../store';
import classes from './AssignmentRow.module.css';
import { KindIcon } from './KindIcon';
import { StatusBadge } from './StatusBadge';

interface Props {
  assignment: Assignment;
  /** Where it belongs, when that is not plain from what is around. */
  place?: string;
  handle?: ReactNode;
}

/** An assignment in a list: what it is, when it is due or takes place, how it stands. */
export function AssignmentRow({ assignment, place, handle }: Props) {
  const { t } = useTranslation();
  return (
    <Group wrap="nowrap" gap={0} className={classes.row}>
      {handle}
      <Link to={`/assignments/${assignment.id}`} className={classes.link}>
        <ThemeIcon variant="light" size={38} radius="md" color={assignment.status === 'published' ? 'leaf' : 'gray'}>
          <KindIcon kind={assignment.kind} />
        </ThemeIcon>
        <div className={classes.words}>
          <Text fw={550} lineClamp={2}>
            {assignment.title}
          </Text>
          <Text size="sm" c="dimmed" lineClamp={2}>
            {[t(`kind.${assignment.kind}`), place].filter(Boolean).join(' · ')}
            <When assignment={assignment} />
          </Text>
        </div>
        <Standing assignment={assignment} />
      </Link>
    </Group>
  );
}

function When({ assignment: { kind, due_at: at } }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  if (!at) return null;
  return (
    <time dateTime={at} title={dateTime(at)}>
      {' · '}
      {kind === 'lecture' ? dateTime(at) : t('dueAt', { at: dateTime(at) })}
    </time>
  );
}

function Standing({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  const student = useAppSelector(selectRole) === 'student';
  const grade = useAppSelector(selectGrades)[assignment.id];
  const isHandedIn = assignment.id in useAppSelector(selectHandedIn);
  if (assignment.status !== 'published') return <StatusBadge assignment={assignment} />;
  if (grade) {
    return (
      <Group gap={6} wrap="nowrap" className={classes.score}>
        <Text fw={650} span>
          {decimal(grade.score)}
        </Text>
        <Text c="dimmed" size="sm" span>
          / {decimal(grade.max_score)}
        </Text>
        <IconCircleCheckFilled size={18} color="var(--mantine-color-leaf-6)" aria-label={t('graded')} />
      </Group>
    );
  }
  if (!student && assignment.grade_count) {
    return (
      <Text size="sm" c="dimmed" className={classes.score}>
        {t('gradedCount', { count: assignment.grade_count })}
      </Text>
    );
  }
  if (isHandedIn) {
    return (
      <Badge variant="light" className={classes.badge}>
        {t('handedIn')}
      </Badge>
    );
  }
  return (
    student && isToDo(assignment) && <TimeBadge at={assignment.due_at!} isLecture={assignment.kind === 'lecture'} />
  );
}

/** What takes place at its time, or is only read, is never too late. */
function isToDo({ kind, due_at }: Assignment): boolean {
  if (due_at === null || kind === 'material') return false;
  return kind !== 'lecture' || !isPast(due_at);
}

function TimeBadge({ at, isLecture }: { at: string; isLecture: boolean }) {
  const { t } = useTranslation('assignments');
  const late = isPast(at);
  return (
    <Badge variant="light" color={late ? 'red' : isLecture ? 'navy' : 'yellow'} autoContrast className={classes.badge}>
      {late ? t('overdue') : fromNow(at)}
    </Badge>
  );
}
