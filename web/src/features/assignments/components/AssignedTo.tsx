import { MultiSelect, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEveryStudentQuery } from '@/features/classrooms/api';
import { Resource } from '@/shared/components/Resource';

interface Props {
  classroomId: string;
  /** null: everybody. */
  value: string[] | null;
  onChange: (ids: string[] | null) => void;
  error?: string;
}

const SHOWN = 100;

/** Whom it is for: the whole classroom, or some of it. */
export function AssignedTo({ classroomId, value, onChange, error }: Props) {
  const { t } = useTranslation('assignments');
  const [some, setSome] = useState(value !== null);
  return (
    <Stack gap={6}>
      <Text size="sm" fw={500} id="assigned-to">
        {t('form.for')}
      </Text>
      <SegmentedControl
        aria-labelledby="assigned-to"
        w="fit-content"
        data={[
          { value: 'all', label: t('form.everybody') },
          { value: 'some', label: t('form.some') },
        ]}
        value={some ? 'some' : 'all'}
        onChange={(chosen) => {
          setSome(chosen === 'some');
          if (chosen === 'all') onChange(null);
        }}
      />
      {some && <Students classroomId={classroomId} value={value ?? []} onChange={onChange} error={error} />}
    </Stack>
  );
}

function Students({ classroomId, value, onChange, error }: Omit<Props, 'value'> & { value: string[] }) {
  const { t } = useTranslation('assignments');
  const query = useEveryStudentQuery(classroomId);
  return (
    <Resource query={query}>
      {(students) => (
        <MultiSelect
          aria-label={t('form.students')}
          placeholder={value.length === 0 ? t('form.students') : undefined}
          searchable
          clearable
          limit={SHOWN}
          nothingFoundMessage={t('search.nothing', { ns: 'common' })}
          data={students.map((one) => ({ value: one.account_id, label: one.name }))}
          value={value}
          onChange={(ids) => onChange(ids.length > 0 ? ids : null)}
          error={error ?? (value.length === 0 ? t('form.nobody') : undefined)}
        />
      )}
    </Resource>
  );
}
