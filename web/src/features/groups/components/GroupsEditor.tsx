import { DndContext, PointerSensor, useSensor, useSensors, type DragEndEvent } from '@dnd-kit/core';
import { Alert, Button, Card, Group, NumberInput, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectAssignment } from '@/features/assignments/store';
import { selectClassroom } from '@/features/classrooms/store';
import { Empty } from '@/shared/components/Empty';
import { Failure } from '@/shared/components/Failure';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { reloadGroups, useGroupsQuery, useSaveGroupsMutation, type Grouping } from '../api';
import { bodyOf, dissolve, draftOf, isFull, needsWord, put, placeOf, UNGROUPED, type Draft } from '../draft';
import { GroupColumn } from './GroupColumn';
import { MoveDialog, type Wanted } from './MoveDialog';
import { RandomGroups } from './RandomGroups';

/** Who works with whom on an assignment: by dragging, at random, or as the students choose. */
export function GroupsEditor() {
  const { t } = useTranslation('groups');
  const { assignmentId = '' } = useParams();
  const assignment = useAppSelector(selectAssignment(assignmentId));
  const classroom = useAppSelector(selectClassroom(assignment?.classroom_id ?? ''));
  const query = useGroupsQuery(assignmentId, { refetchOnMountOrArgChange: 10 });
  if (!assignment) return <Empty title={t('gone')} />;
  return (
    <Page
      title={t('title')}
      trail={[
        [classroom?.title ?? '', `/classrooms/${assignment.classroom_id}`],
        [assignment.title, `/assignments/${assignmentId}`],
      ]}
    >
      <Resource query={query}>{(saved) => <Editor assignmentId={assignmentId} saved={saved} />}</Resource>
    </Page>
  );
}

function Editor({ assignmentId, saved }: { assignmentId: string; saved: Grouping }) {
  const { t } = useTranslation('groups');
  const dispatch = useAppDispatch();
  const [kept, setKept, forget] = useKept<Draft | null>(`groups.${assignmentId}`, null);
  const fresh = useMemo(() => draftOf(saved), [saved]);
  const draft = kept ?? fresh;
  const [save] = useSaveGroupsMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 4 } }));
  const stale = problem?.status === 412 || (kept !== null && kept.revision < fresh.revision);

  function move(studentId: string, place: string) {
    if (placeOf(draft, studentId) === place || isFull(draft, place)) return;
    if (needsWord(draft, studentId, place)) setWanted({ studentId, place });
    else setKept(put(draft, studentId, place));
  }
  const drop = ({ active, over }: DragEndEvent) => over && move(String(active.id), String(over.id));
  const store = () =>
    run(
      async () => {
        await save({ assignmentId, revision: draft.revision, body: bodyOf(draft) }).unwrap();
        forget();
      },
      t('saved', { ns: 'common' }),
    );
  function takeTheirs() {
    forget();
    dispatch(reloadGroups(assignmentId));
    void run(() => Promise.resolve());
  }
  const addGroup = () =>
    setKept({
      ...draft,
      groups: [
        ...draft.groups,
        {
          key: crypto.randomUUID(),
          id: null,
          name: t('nth', { number: draft.groups.length + 1 }),
          students: [],
          hasWork: false,
        },
      ],
    });

  return (
    <Stack>
      <Rules draft={draft} onChange={(change) => setKept({ ...draft, ...change })}>
        <RandomGroups assignmentId={assignmentId} hasGroups={draft.groups.length > 0} onDrawn={forget} />
      </Rules>
      {stale ? (
        <Alert color="yellow" title={t('stale.title')} role="alert">
          <Text size="sm">{t('stale.text')}</Text>
          <Button mt="xs" size="xs" variant="default" onClick={takeTheirs}>
            {t('stale.theirs')}
          </Button>
        </Alert>
      ) : (
        <Failure problem={problem} />
      )}
      <DndContext sensors={sensors} onDragEnd={drop}>
        <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="sm">
          <GroupColumn
            column={{ key: UNGROUPED, students: draft.ungrouped }}
            places={draft.groups}
            limit={null}
            onMove={move}
          />
          {draft.groups.map((one) => (
            <GroupColumn
              key={one.key}
              column={one}
              places={draft.groups}
              limit={draft.limit}
              onMove={move}
              onRename={(name) =>
                setKept({
                  ...draft,
                  groups: draft.groups.map((group) => (group.key === one.key ? { ...group, name } : group)),
                })
              }
              onDissolve={() => setKept(dissolve(draft, one.key))}
            />
          ))}
        </SimpleGrid>
      </DndContext>
      <Group>
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={addGroup}>
          {t('add')}
        </Button>
        <Button loading={busy} disabled={!kept || stale} onClick={() => void store()}>
          {t('save', { ns: 'common' })}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {kept ? t('unsaved') : ''}
        </Text>
      </Group>
      {wanted && (
        <MoveDialog
          assignmentId={assignmentId}
          draft={draft}
          wanted={wanted}
          unsaved={kept !== null}
          onClose={() => setWanted(null)}
        />
      )}
    </Stack>
  );
}

interface RulesProps {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  children: React.ReactNode;
}

/** Who makes the groups, and how large they may be. */
function Rules({ draft, onChange, children }: RulesProps) {
  const { t } = useTranslation('groups');
  return (
    <Card p="md">
      <Group align="flex-end" gap="lg">
        <Stack gap={4}>
          <Text size="sm" fw={500} id="group-mode">
            {t('mode')}
          </Text>
          <SegmentedControl
            aria-labelledby="group-mode"
            data={(['by_hand', 'self_sign_up'] as const).map((value) => ({ value, label: t(`modes.${value}`) }))}
            value={draft.mode}
            onChange={(mode) => onChange({ mode: mode as Draft['mode'] })}
          />
        </Stack>
        <NumberInput
          w={150}
          label={t('limit')}
          placeholder={t('unlimited')}
          min={1}
          max={500}
          allowDecimal={false}
          value={draft.limit ?? ''}
          onChange={(limit) => onChange({ limit: limit === '' ? null : Number(limit) })}
        />
        {children}
      </Group>
    </Card>
  );
}
