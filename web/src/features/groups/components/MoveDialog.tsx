import { Alert, Button, Group, Modal, Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf, type Problem } from '@/shared/api/problem';
import { Failure } from '@/shared/components/Failure';
import { Loading } from '@/shared/components/Loading';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { previewMove, useMoveStudentMutation, type Move } from '../api';
import { UNGROUPED, type Draft } from '../draft';

export interface Wanted {
  studentId: string;
  place: string;
}

interface Props {
  assignmentId: string;
  draft: Draft;
  wanted: Wanted;
  /** Groups were changed and not saved: a move would be judged by what is saved. */
  unsaved: boolean;
  onClose: () => void;
}

type Work = 'keep' | 'follow';

/** A student leaves or joins work that has begun: what becomes of theirs is shown before it is done. */
export function MoveDialog({ assignmentId, draft, wanted, unsaved, onClose }: Props) {
  const { t } = useTranslation('groups');
  const [work, setWork] = useState<Work>('follow');
  const [preview, setPreview] = useState<{ work: Work; move: Move } | null>(null);
  const [failure, setFailure] = useState<Problem | null>(null);
  const [move] = useMoveStudentMutation();
  const { run, busy } = useAction();
  const student = [...draft.ungrouped, ...draft.groups.flatMap((group) => group.students)].find(
    (one) => one.student_id === wanted.studentId,
  );
  const groupId = wanted.place === UNGROUPED ? null : (draft.groups.find((one) => one.key === wanted.place)?.id ?? '');
  const body = { student_id: wanted.studentId, group_id: groupId, work };

  useEffect(() => {
    if (unsaved) return;
    let isWanted = true;
    const asked = { student_id: wanted.studentId, group_id: groupId, work };
    previewMove({ assignmentId, body: asked })
      .then((found) => {
        if (!isWanted) return;
        setPreview({ work, move: found });
        setFailure(null);
      })
      .catch((error: unknown) => isWanted && setFailure(problemOf(error)));
    return () => {
      isWanted = false;
    };
  }, [assignmentId, wanted.studentId, groupId, work, unsaved]);

  return (
    <Modal opened onClose={onClose} title={t('moving.title', { name: student?.name })} size="lg">
      {unsaved ? (
        <Alert color="yellow">{t('moving.saveFirst')}</Alert>
      ) : (
        <Stack>
          <Radio.Group value={work} onChange={(value) => setWork(value as Work)} label={t('moving.question')}>
            <Stack gap="xs" mt="xs">
              {(['follow', 'keep'] as const).map((value) => (
                <Radio key={value} value={value} label={t(`moving.${value}`)} description={t(`moving.${value}Text`)} />
              ))}
            </Stack>
          </Radio.Group>
          <Failure problem={failure} />
          {preview?.work === work ? <Effect move={preview.move} /> : !failure && <Loading />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel', { ns: 'common' })}
            </Button>
            <Button
              loading={busy}
              disabled={preview?.work !== work || failure !== null}
              onClick={() =>
                void run(() => move({ assignmentId, body }).unwrap(), t('moving.done')).then(
                  (done) => done && onClose(),
                )
              }
            >
              {t('moving.action')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

/** How the student stands now, and how they would. */
function Effect({ move }: { move: Move }) {
  const { t } = useTranslation('groups');
  return (
    <SimpleGrid cols={2}>
      {(['before', 'after'] as const).map((time) => {
        const standing = move[time];
        return (
          <div key={time}>
            <Text size="xs" c="dimmed">
              {t(`moving.${time}`)}
            </Text>
            <Text fw={600}>{standing.group_name ?? t('ungrouped')}</Text>
            <Text size="sm">{t(`work.${standing.work}`)}</Text>
            <Text size="sm">
              {standing.excused
                ? t('moving.excused')
                : standing.score === null
                  ? t('moving.noGrade')
                  : t('moving.grade', { score: decimal(standing.score) })}
            </Text>
          </div>
        );
      })}
    </SimpleGrid>
  );
}
