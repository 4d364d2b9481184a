import {
  DndContext,
  KeyboardSensor,
  PointerSensor,
  closestCenter,
  useSensor,
  useSensors,
  type DragEndEvent,
} from '@dnd-kit/core';
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { Button, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconRoute } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { selectAssignments } from '@/features/assignments/store';
import { selectIsTeacherOf } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { addTopic, moveTopic, selectTopics } from '../store';
import { JoinCode } from './JoinCode';
import { Stage } from './Stage';

/** The classroom as a track: its topics are stages, in an order that a teacher changes by dragging. */
export function Track() {
  const { t } = useTranslation('classrooms');
  const { classroomId = '' } = useParams();
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  const topics = useAppSelector(selectTopics(classroomId));
  const all = useAppSelector(selectAssignments(classroomId));
  const loose = all.filter((one) => !topics.some((topic) => topic.id === one.topic_id));
  return (
    <Stack gap="md">
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
      <Sortable classroomId={classroomId}>
        {topics.map((topic, index) => (
          <Stage
            key={topic.id}
            topic={topic}
            number={index + 1}
            last={index === topics.length - 1 && loose.length === 0}
            assignments={all.filter((one) => one.topic_id === topic.id)}
            teaches={teaches}
          />
        ))}
      </Sortable>
      {loose.length > 0 && <Stage topic={null} number={topics.length + 1} last assignments={loose} teaches={teaches} />}
    </Stack>
  );
}

function Sortable({ classroomId, children }: { classroomId: string; children: React.ReactNode }) {
  const dispatch = useAppDispatch();
  const { run } = useAction();
  const topics = useAppSelector(selectTopics(classroomId));
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  function drop({ active, over }: DragEndEvent) {
    if (over && active.id !== over.id)
      void run(() => dispatch(moveTopic({ id: String(active.id), over: String(over.id) })).unwrap());
  }
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop}>
      <SortableContext items={topics.map((topic) => topic.id)} strategy={verticalListSortingStrategy}>
        {children}
      </SortableContext>
    </DndContext>
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
