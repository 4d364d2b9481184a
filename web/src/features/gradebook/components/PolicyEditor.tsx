import { Alert, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectClassroom, selectTopics } from '@/features/classrooms/store';
import type { GradingSchemas } from '@/shared/api/schemas';
import { useFieldErrors } from '@/shared/components/form';
import { Failure } from '@/shared/components/Failure';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { decimal, fullDateTime, percent } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppSelector } from '@/shared/store';
import {
  usePolicyHistoryQuery,
  usePolicyQuery,
  usePreviewPolicyMutation,
  useSavePolicyMutation,
  type Policy,
} from '../api';
import { filled } from '../policy';
import { Lateness, Letters, Weights } from './PolicyParts';

/** How a classroom's totals are made: weights, drop rules, lateness, missing work, letters; tried before it is set. */
export function PolicyEditor() {
  const { classroomId = '' } = useParams();
  const { t } = useTranslation('gradebook');
  const classroom = useAppSelector(selectClassroom(classroomId));
  const query = usePolicyQuery(classroomId);
  return (
    <Page
      title={t('policy.title')}
      subtitle={t('policy.text')}
      trail={[
        [classroom?.title ?? '…', `/classrooms/${classroomId}`],
        [t('title'), `/classrooms/${classroomId}/gradebook`],
      ]}
    >
      <Resource query={query}>{(stands) => <Kept stands={stands} />}</Resource>
    </Page>
  );
}

type Stands = GradingSchemas['ClassroomPolicy'];

interface Typed {
  policy: Policy;
  /** Of the policy that was changed. */
  version: number;
}

/** What was typed stays through a reload, a refusal, and what somebody else saves meanwhile. */
function Kept({ stands }: { stands: Stands }) {
  const [typed, setTyped, forget] = useKept<Typed | null>(`policy.${stands.classroom_id}`, null);
  const [dropped, setDropped] = useState(0);
  const drop = () => {
    forget();
    setDropped(dropped + 1);
  };
  return (
    <Editor
      key={`${stands.version}.${dropped}`}
      stands={stands}
      typed={typed}
      onType={(policy) => setTyped((before) => ({ policy, version: before?.version ?? stands.version }))}
      onSaved={forget}
      onDrop={drop}
    />
  );
}

interface EditorProps {
  stands: Stands;
  typed: Typed | null;
  onType: (policy: Policy) => void;
  onSaved: () => void;
  onDrop: () => void;
}

function Editor({ stands, typed, onType, onSaved, onDrop }: EditorProps) {
  const { t } = useTranslation('gradebook');
  const classroomId = stands.classroom_id;
  const topics = useAppSelector(selectTopics(classroomId));
  const form = useForm<Policy>({ initialValues: filled(typed?.policy ?? stands.policy), onValuesChange: onType });
  const [preview, tried] = usePreviewPolicyMutation();
  const [save] = useSavePolicyMutation();
  const trying = useAction({ quiet: true });
  const saving = useAction({ quiet: true });
  const problem = saving.problem ?? trying.problem;
  useFieldErrors(form, problem);
  return (
    <Stack gap="lg">
      <Weights form={form} topics={topics} />
      <Lateness form={form} />
      <Letters form={form} />
      {typed && typed.version !== stands.version && (
        <Alert color="yellow" title={t('policy.overtaken')} role="alert">
          {t('policy.overtakenText')}
        </Alert>
      )}
      <Failure problem={problem} />
      <Group>
        <Button
          variant="default"
          loading={trying.busy}
          onClick={() => void trying.run(() => preview({ classroomId, policy: form.values }).unwrap())}
        >
          {t('policy.preview')}
        </Button>
        <Button
          loading={saving.busy}
          onClick={() =>
            void saving.run(
              () => save({ classroomId, policy: form.values, version: stands.version }).unwrap().then(onSaved),
              t('policy.saved'),
            )
          }
        >
          {t('policy.save')}
        </Button>
        {typed && (
          <Button variant="subtle" onClick={onDrop}>
            {t('policy.drop')}
          </Button>
        )}
        {stands.changed_at && (
          <Text size="sm" c="dimmed">
            {t('policy.changed', { at: fullDateTime(stands.changed_at), by: stands.changed_by_name ?? '–' })}
          </Text>
        )}
      </Group>
      {tried.data && <Preview preview={tried.data} />}
      <History classroomId={classroomId} />
    </Stack>
  );
}

function Preview({ preview }: { preview: GradingSchemas['Preview'] }) {
  const { t } = useTranslation('gradebook');
  const concerned = preview.items.filter((one) => one.delta !== null && Number(one.delta) !== 0);
  return (
    <Card>
      <Title order={2}>{t('policy.changes', { count: preview.changed })}</Title>
      {preview.next_cursor && (
        <Text size="sm" c="dimmed">
          {t('policy.firstHundred')}
        </Text>
      )}
      <Table mt="sm">
        <Table.Tbody>
          {concerned.map((one) => (
            <Table.Tr key={one.student_id}>
              <Table.Td>{one.name}</Table.Td>
              <Table.Td>
                {percent(one.before.current)} {one.before.letter} → {percent(one.after.current)} {one.after.letter}
              </Table.Td>
              <Table.Td ta="right" c={Number(one.delta) < 0 ? 'red' : 'leaf'}>
                {Number(one.delta) > 0 && '+'}
                {decimal(one.delta)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function History({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('gradebook');
  const { data } = usePolicyHistoryQuery(classroomId);
  if (!data || data.items.length === 0) return null;
  return (
    <Card>
      <Title order={2} mb="xs">
        {t('policy.history')}
      </Title>
      {data.items.map((one) => (
        <Text key={one.version} size="sm">
          {one.changed_at && fullDateTime(one.changed_at)} · {one.changed_by_name ?? '–'} ·{' '}
          {t(`policy.by.${one.policy.weighting ?? 'none'}`)}
        </Text>
      ))}
    </Card>
  );
}
