import { SortableContext, useSortable, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { ActionIcon, Card, Group, Menu, RingProgress, Text, TextInput, Title } from '@mantine/core';
import { IconAwardFilled, IconDots, IconGripVertical, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { AssignmentRow } from '@/features/assignments/components/AssignmentRow';
import { progress, type Assignment } from '@/features/assignments/store';
import { selectBadge, selectBehind } from '@/features/own/store';
import { ask } from '@/shared/components/ask';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { NONE } from '../order';
import { changeTopic, deleteTopic, type Topic } from '../store';
import type { Dragged } from './TrackOrder';
import classes from './Stage.module.css';

/** On a phone the ring stands in the card's corner. */
const BESIDE_THE_RING = { base: 60, xs: 'sm' };

interface Props {
  /** null: what belongs to no topic. */
  topic: Topic | null;
  number: number;
  last: boolean;
  assignments: Assignment[];
  teaches: boolean;
}

/** One stage of the track: its ring, its badge once it is finished, its assignments. */
export function Stage({ topic, number, last, assignments, teaches }: Props) {
  const { t } = useTranslation('classrooms');
  const { setNodeRef, transform, transition, isDragging, attributes, listeners } = useSortable({
    id: topic?.id ?? NONE,
    data: {
      type: 'topic',
      title: topic?.title ?? t('track.other'),
      isEmpty: assignments.length === 0,
    } satisfies Dragged,
    disabled: { draggable: !teaches || topic === null, droppable: !teaches },
  });
  const style = { transform: CSS.Translate.toString(transform), transition, zIndex: isDragging ? 2 : undefined };
  return (
    <section
      ref={setNodeRef}
      style={style}
      className={classes.stage}
      data-last={last || undefined}
      data-dragging={isDragging || undefined}
    >
      <Marker
        topicId={topic?.id}
        number={number}
        assignments={assignments}
        title={topic?.title ?? t('track.other')}
        teaches={teaches}
      />
      <Card p="xs" className={classes.card}>
        <Group justify="space-between" wrap="nowrap" pl="sm" pr={teaches ? 'sm' : BESIDE_THE_RING} pt={6} pb={4}>
          <Heading topic={topic} number={number} />
          {topic && teaches && (
            <Group gap={2} wrap="nowrap">
              <ActionIcon
                variant="subtle"
                color="gray"
                className={classes.handle}
                {...attributes}
                {...listeners}
                aria-label={t('track.move', { title: topic.title })}
              >
                <IconGripVertical size={18} aria-hidden />
              </ActionIcon>
              <StageMenu topic={topic} />
            </Group>
          )}
        </Group>
        {assignments.length === 0 && (
          <Text size="sm" c="dimmed" px="sm" pb="sm">
            {t('track.emptyTopic')}
          </Text>
        )}
        <SortableContext items={assignments.map((one) => one.id)} strategy={verticalListSortingStrategy}>
          {assignments.map((one) =>
            teaches ? <Movable key={one.id} assignment={one} /> : <AssignmentRow key={one.id} assignment={one} />,
          )}
        </SortableContext>
      </Card>
    </section>
  );
}

/** An assignment that is moved by its handle. */
function Movable({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('classrooms');
  const { id, title } = assignment;
  const { setNodeRef, transform, transition, isDragging, attributes, listeners } = useSortable({
    id,
    data: { type: 'assignment', title } satisfies Dragged,
  });
  return (
    <div
      ref={setNodeRef}
      style={{ transform: CSS.Translate.toString(transform), transition }}
      className={classes.movable}
      data-dragging={isDragging || undefined}
    >
      <AssignmentRow
        assignment={assignment}
        handle={
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.handle}
            {...attributes}
            {...listeners}
            aria-label={t('track.move', { title })}
          >
            <IconGripVertical size={18} aria-hidden />
          </ActionIcon>
        }
      />
    </div>
  );
}

function Heading({ topic, number }: { topic: Topic | null; number: number }) {
  const { t } = useTranslation('classrooms');
  return (
    <div>
      {topic && (
        <Text size="xs" c="dimmed">
          {t('track.stage', { number })}
        </Text>
      )}
      <Title order={2} fz="lg">
        {topic?.title ?? t('track.other')}
      </Title>
    </div>
  );
}

function Marker({
  topicId,
  number,
  assignments,
  title,
  teaches,
}: {
  topicId: string | undefined;
  number: number;
  assignments: Assignment[];
  title: string;
  teaches: boolean;
}) {
  const { t } = useTranslation('classrooms');
  const behind = useAppSelector(selectBehind);
  const { done, total } = progress(assignments, behind);
  const finished = useAppSelector(selectBadge(topicId)) !== null;
  const label = finished ? t('track.badge', { title }) : t('track.progress', { done, total, title });
  if (teaches) {
    return (
      <div className={classes.marker}>
        <span className={classes.number} aria-hidden>
          {number}
        </span>
      </div>
    );
  }
  if (total === 0 && !finished) return <div className={classes.marker} />;
  return (
    <div className={classes.marker}>
      <RingProgress
        size={56}
        thickness={5}
        roundCaps
        role="img"
        aria-label={label}
        sections={[{ value: finished ? 100 : total ? (100 * done) / total : 0, color: 'leaf.6' }]}
        label={
          finished ? (
            <IconAwardFilled size={26} className={classes.badge} aria-hidden />
          ) : (
            <Text size="xs" fw={650} ta="center" aria-hidden>
              {done}/{total}
            </Text>
          )
        }
      />
    </div>
  );
}

function StageMenu({ topic }: { topic: Topic }) {
  const { t } = useTranslation('classrooms');
  const dispatch = useAppDispatch();
  const { run } = useAction();
  const [title, setTitle] = useState(topic.title);
  const rename = () => void run(() => dispatch(changeTopic({ id: topic.id, patch: { title: title.trim() } })).unwrap());
  const remove = () =>
    ask({
      title: t('track.deleteTopic', { title: topic.title }),
      text: t('track.deleteTopicText'),
      action: t('delete', { ns: 'common' }),
      onYes: () => void run(() => dispatch(deleteTopic(topic.id)).unwrap()),
    });
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('track.actions', { title: topic.title })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component={Link}
          to={`/classrooms/${topic.classroom_id}/assignments/new?topic=${topic.id}`}
          leftSection={<IconPlus size={16} aria-hidden />}
        >
          {t('track.newAssignment')}
        </Menu.Item>
        <TextInput
          m={4}
          size="sm"
          aria-label={t('track.rename')}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          onKeyDown={(event) => event.key !== 'Escape' && event.key !== 'Tab' && event.stopPropagation()}
        />
        <Menu.Item
          leftSection={<IconPencil size={16} aria-hidden />}
          disabled={!title.trim() || title === topic.title}
          onClick={rename}
        >
          {t('track.rename')}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={remove}>
          {t('delete', { ns: 'common' })}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
