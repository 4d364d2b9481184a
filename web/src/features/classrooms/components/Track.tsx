import { Button, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconRoute } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Announcements } from '@/features/announcements/components/Announcements';
import { selectAssignments } from '@/features/assignments/store';
import { selectIsTeacherOf } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { NONE } from '../order';
import { addTopic, selectTopics } from '../store';
import { JoinCode } from './JoinCode';
import { Stage } from './Stage';
import { TrackOrder } from './TrackOrder';

/** The classroom as a track: its topics are stages, in an order that a teacher changes by dragging. */
export function Track() {
  const { t } = useTranslation('classrooms');
  const { classroomId = '' } = useParams();
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  const topics = useAppSelector(selectTopics(classroomId));
  const all = useAppSelector(selectAssignments(classroomId));
  return (
    <Stack gap="md">
      <Announcements classroomId={classroomId} teaches={teaches} />
      {teaches && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <JoinCode classroomId={classroomId} />
          <Tools classroomId={classroomId} />
        </SimpleGrid>
      )}
      {topics.length + all.length === 0 && (
        <Empty title={t('track.empty')} icon={IconRoute}>
          {t(teaches ? 'track.emptyTeacher' : 'track.emptyStudent')}
        </Empty>
      )}
      <TrackOrder classroomId={classroomId}>
        {(places) => {
          const held = new Map(all.map((one) => [one.id, one]));
          const placed = (place: string) => (places[place] ?? []).flatMap((id) => held.get(id) ?? []);
          const loose = placed(NONE);
          return (
            <>
              {topics.map((topic, index) => (
                <Stage
                  key={topic.id}
                  topic={topic}
                  number={index + 1}
                  last={index === topics.length - 1 && loose.length === 0}
                  assignments={placed(topic.id)}
                  teaches={teaches}
                />
              ))}
              {loose.length > 0 && (
                <Stage topic={null} number={topics.length + 1} last assignments={loose} teaches={teaches} />
              )}
            </>
          );
        }}
      </TrackOrder>
    </Stack>
  );
}

function Tools({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('classrooms');
  const dispatch = useAppDispatch();
  const { run, busy } = useAction();
  const [title, setTitle] = useState('');
  async function add(event: React.FormEvent) {
    event.preventDefault();
    const done = await run(() => dispatch(addTopic({ classroom_id: classroomId, title: title.trim() })).unwrap());
    if (done) setTitle('');
  }
  return (
    <Stack gap="sm" justify="center">
      <Button
        component={Link}
        to={`/classrooms/${classroomId}/assignments/new`}
        leftSection={<IconPlus size={18} aria-hidden />}
      >
        {t('track.newAssignment')}
      </Button>
      <form onSubmit={(event) => void add(event)}>
        <Group gap="xs" wrap="nowrap">
          <TextInput
            flex={1}
            aria-label={t('track.topicTitle')}
            placeholder={t('track.topicTitle')}
            maxLength={200}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={busy} disabled={!title.trim()}>
            {t('track.addTopic')}
          </Button>
        </Group>
      </form>
    </Stack>
  );
}
