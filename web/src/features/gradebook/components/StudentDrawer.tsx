import { Button, Divider, Drawer, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GradingSchemas } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime, percent } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useExplanationQuery, useOverrideQuery, useSetOverrideMutation } from '../api';
import { Explanation } from './Explanation';

interface Props {
  classroomId: string;
  student: GradingSchemas['BookStudent'] | null;
  onClose: () => void;
}

/** One student's total: how it came about, and setting it by hand with a reason. */
export function StudentDrawer({ classroomId, student, onClose }: Props) {
  return (
    <Drawer opened={student !== null} onClose={onClose} position="right" size="lg" title={student?.name}>
      {student && <Total classroomId={classroomId} studentId={student.student_id} />}
    </Drawer>
  );
}

function Total(where: { classroomId: string; studentId: string }) {
  const { t } = useTranslation('gradebook');
  const explanation = useExplanationQuery(where);
  const override = useOverrideQuery(where);
  return (
    <Stack gap="lg">
      <Resource query={explanation}>{(explained) => <Explanation explained={explained} />}</Resource>
      <Divider />
      <Title order={3}>{t('override.title')}</Title>
      <Resource query={override}>
        {(stands) => <OverrideForm key={stands.version} where={where} stands={stands} />}
      </Resource>
    </Stack>
  );
}

interface FormProps {
  where: { classroomId: string; studentId: string };
  stands: GradingSchemas['Override'];
}

function OverrideForm({ where, stands }: FormProps) {
  const { t } = useTranslation('gradebook');
  const [value, setValue] = useState(stands.percent ?? '');
  const [reason, setReason] = useState('');
  const [set] = useSetOverrideMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const send = (percentage: string | null) =>
    run(
      () => set({ ...where, version: stands.version, body: { percent: percentage, reason } }).unwrap(),
      t('override.done'),
    );
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('override.text')}
      </Text>
      <Group align="flex-start" grow>
        <TextInput
          label={t('override.percent')}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value.replace(',', '.'))}
          inputMode="decimal"
          error={problem?.fields.percent}
        />
        <TextInput
          label={t('override.reason')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          required
          error={problem?.fields.reason}
        />
      </Group>
      <Failure problem={problem && Object.keys(problem.fields).length === 0 ? problem : null} />
      <Group>
        <Button loading={busy} disabled={!value || !reason.trim()} onClick={() => void send(value)}>
          {t('override.set')}
        </Button>
        {stands.percent !== null && (
          <Button variant="default" loading={busy} disabled={!reason.trim()} onClick={() => void send(null)}>
            {t('override.remove')}
          </Button>
        )}
      </Group>
      {stands.history.map((edition) => (
        <Text key={edition.version} size="xs" c="dimmed">
          {fullDateTime(edition.changed_at)} · {edition.changed_by_name ?? '–'} · {percent(edition.percent)} ·{' '}
          {edition.reason}
        </Text>
      ))}
    </Stack>
  );
}
