import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  pointerWithin,
  useSensor,
  useSensors,
  type Active,
  type CollisionDetection,
  type DragEndEvent,
  type DragOverEvent,
  type Over,
} from '@dnd-kit/core';
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { placeAssignments, selectAssignments } from '@/features/assignments/store';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { arrange, moved, NONE, placeOf, type Arrangement } from '../order';
import { moveTopic, selectTopics } from '../store';

/** What is dragged, and what it is dropped on, says of itself. */
export interface Dragged {
  type: 'topic' | 'assignment';
  title: string;
  isEmpty?: boolean;
}

const about = (one: Active | Over | null) => one?.data.current as Dragged | undefined;

/** Topics among topics; an assignment onto one of any topic, or into a topic that has none. */
const collide: CollisionDetection = (args) => {
  const isTopic = about(args.active)?.type === 'topic';
  const of = (wanted: (one: Dragged | undefined) => boolean) =>
    args.droppableContainers.filter((one) => wanted(one.data.current as Dragged | undefined));
  if (isTopic) return closestCenter({ ...args, droppableContainers: of((one) => one?.type === 'topic') });
  const assignments = pointerWithin({ ...args, droppableContainers: of((one) => one?.type === 'assignment') });
  if (assignments.length > 0) return assignments;
  const topics = pointerWithin({ ...args, droppableContainers: of((one) => one?.type === 'topic') });
  if (topics.length > 0) return topics;
  const near = of((one) => one?.type === 'assignment' || one?.isEmpty === true);
  return closestCenter({ ...args, droppableContainers: near });
};

interface Props {
  classroomId: string;
  children: (places: Arrangement) => ReactNode;
}

/** A classroom's topics and assignments, moved by dragging or with the keyboard; shown at once, put back if refused. */
export function TrackOrder({ classroomId, children }: Props) {
  const dispatch = useAppDispatch();
  const { run } = useAction();
  const topics = useAppSelector(selectTopics(classroomId));
  const assignments = useAppSelector(selectAssignments(classroomId));
  const [dragging, setDragging] = useState<Arrangement | null>(null);
  const standing = arrange(topics, assignments);
  const places = dragging ?? standing;
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );

  /** Into another topic at once, so that its place opens there. */
  function onDragOver({ active, over }: DragOverEvent) {
    if (!over || about(active)?.type !== 'assignment') return;
    const [id, target] = [String(active.id), String(over.id)];
    if (placeOf(places, id) !== placeOf(places, target)) setDragging(moved(places, id, target));
  }

  function onDragEnd({ active, over }: DragEndEvent) {
    const [id, target] = [String(active.id), over ? String(over.id) : null];
    if (about(active)?.type === 'topic') {
      if (target && target !== NONE && target !== id)
        void run(() => dispatch(moveTopic({ id, over: target })).unwrap());
    } else if (target) {
      place(id, moved(places, id, target));
    }
    setDragging(null);
  }

  function place(id: string, after: Arrangement) {
    const topicId = placeOf(after, id)!;
    const ids = after[topicId]!;
    if (ids.join() === standing[topicId]?.join()) return;
    void run(() =>
      dispatch(placeAssignments({ classroomId, topicId: topicId === NONE ? null : topicId, ids })).unwrap(),
    );
  }

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={collide}
      onDragOver={onDragOver}
      onDragEnd={onDragEnd}
      onDragCancel={() => setDragging(null)}
      accessibility={useSpoken()}
    >
      <SortableContext items={topics.map((topic) => topic.id)} strategy={verticalListSortingStrategy}>
        {children(places)}
      </SortableContext>
    </DndContext>
  );
}

/** What a screen reader hears while something is moved. */
function useSpoken() {
  const { t } = useTranslation('classrooms');
  const title = (one: Active | Over | null) => about(one)?.title ?? '';
  return {
    screenReaderInstructions: { draggable: t('track.spoken.how') },
    announcements: {
      onDragStart: ({ active }: { active: Active }) => t('track.spoken.start', { title: title(active) }),
      onDragOver: ({ active, over }: { active: Active; over: Over | null }) =>
        over ? t('track.spoken.over', { title: title(active), over: title(over) }) : undefined,
      onDragEnd: ({ active, over }: { active: Active; over: Over | null }) =>
        t(over ? 'track.spoken.end' : 'track.spoken.cancel', { title: title(active), over: title(over) }),
      onDragCancel: ({ active }: { active: Active }) => t('track.spoken.cancel', { title: title(active) }),
    },
  };
}
