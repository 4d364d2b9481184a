import { Button, Card, Group, RingProgress, Stack, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { progress, selectAssignment, selectAssignments } from '@/features/assignments/store';
import { colourOf } from '@/features/classrooms/colour';
import { selectClassroom } from '@/features/classrooms/store';
import { selectBehind } from '@/features/own/store';
import { selectRole } from '@/features/session/store';
import { useAppSelector } from '@/shared/store';
import { dateTime } from '@/shared/format';
import { lastVisited } from '@/shared/lastVisited';
import { selectDue } from './Due';
import classes from './Resume.module.css';

/** The assignment looked at last, or else what is due next, in its classroom's colour. */
export function Resume() {
  const { t } = useTranslation('home');
  const last = useAppSelector(selectAssignment(lastVisited() ?? ''));
  const next = useAppSelector(selectDue)[0];
  const assignment = last ?? next;
  const classroom = useAppSelector(selectClassroom(assignment?.classroom_id ?? ''));
  const list = useAppSelector(selectAssignments(assignment?.classroom_id ?? ''));
  const behind = useAppSelector(selectBehind);
  const student = useAppSelector(selectRole) === 'student';
  if (!assignment || !classroom) return null;
  const { done, total } = progress(list, behind);
  const part = total ? Math.round((100 * done) / total) : 0;
  return (
    <Card className={classes.resume} style={{ '--colour': colourOf(classroom) }}>
      <Group justify="space-between" wrap="nowrap" gap="lg">
        <Stack gap={4} miw={0}>
          <Text size="sm" opacity={0.85}>
            {[t(last ? 'resume' : 'upNext'), classroom.title, !last && dateTime(assignment.due_at!)]
              .filter(Boolean)
              .join(' · ')}
          </Text>
          <Text fz={22} fw={650} lineClamp={2}>
            {assignment.title}
          </Text>
          <Button
            component={Link}
            to={`/assignments/${assignment.id}`}
            variant="white"
            color="dark"
            mt="xs"
            w="fit-content"
            rightSection={<IconArrowRight size={18} aria-hidden />}
          >
            {t(last ? 'goOn' : student && assignment.kind !== 'lecture' ? 'begin' : 'look')}
          </Button>
        </Stack>
        {student && (
          <RingProgress
            visibleFrom="xs"
            size={104}
            thickness={9}
            roundCaps
            rootColor="rgba(255,255,255,0.25)"
            sections={[{ value: part, color: '#fff' }]}
            label={
              <Text ta="center" fw={700}>
                {part} %
              </Text>
            }
          />
        )}
      </Group>
    </Card>
  );
}
