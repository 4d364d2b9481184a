import { Group, NumberInput, Radio, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { acceptedNumber, acceptedText, type Errors, type Of } from './draft';
import { ListOf } from './ListOf';

interface Props<Question> {
  question: Question;
  onChange: (question: Question) => void;
  errors: Errors;
}

export function TrueFalseFields({ question, onChange }: Props<Of<'true_false'>>) {
  const { t } = useTranslation('quiz');
  return (
    <Radio.Group
      label={t('editor.rightAnswer')}
      value={String(question.answer)}
      onChange={(value) => onChange({ ...question, answer: value === 'true' })}
    >
      <Group mt={6}>
        <Radio value="true" label={t('true')} />
        <Radio value="false" label={t('false')} />
      </Group>
    </Radio.Group>
  );
}

/** Numbers that count, each with its tolerance; what is typed is a decimal and stays one. */
export function NumericFields({ question, onChange, errors }: Props<Of<'numeric'>>) {
  const { t } = useTranslation('quiz');
  const set = (change: Partial<Of<'numeric'>>) => onChange({ ...question, ...change });
  return (
    <>
      <ListOf
        items={question.accepted}
        onChange={(accepted) => set({ accepted })}
        add={acceptedNumber}
        addText={t('editor.addAnswer')}
        least={1}
        most={20}
        row={(one, change, index) => (
          <>
            <TextInput
              flex={1}
              label={t('editor.value')}
              inputMode="decimal"
              value={one.value}
              onChange={(event) => change({ value: event.currentTarget.value.replace(',', '.') })}
              error={errors[`accepted.${index}.value`]}
            />
            <TextInput
              flex={1}
              label={t('editor.tolerance')}
              inputMode="decimal"
              value={one.tolerance ?? '0'}
              onChange={(event) => change({ tolerance: event.currentTarget.value.replace(',', '.') })}
              error={errors[`accepted.${index}.tolerance`]}
            />
            <Select
              w={120}
              label={t('editor.toleranceIn')}
              allowDeselect={false}
              data={[
                { value: 'absolute', label: t('editor.absolute') },
                { value: 'percent', label: '%' },
              ]}
              value={one.tolerance_in_percent ? 'percent' : 'absolute'}
              onChange={(value) => change({ tolerance_in_percent: value === 'percent' })}
            />
            <Earns
              value={one.credit}
              onChange={(credit) => change({ credit })}
              error={errors[`accepted.${index}.credit`]}
            />
          </>
        )}
      />
      <Group align="flex-end">
        <TextInput
          label={t('unit')}
          maxLength={40}
          value={question.unit ?? ''}
          onChange={(event) => {
            const unit = event.currentTarget.value || null;
            set({ unit, ...(unit === null && { unit_required: false }) });
          }}
          error={errors['unit']}
        />
        <Switch
          pb={8}
          label={t('editor.unitRequired')}
          disabled={!question.unit}
          checked={question.unit_required ?? false}
          onChange={(event) => set({ unit_required: event.currentTarget.checked })}
        />
      </Group>
    </>
  );
}

export function ShortTextFields({ question, onChange, errors }: Props<Of<'short_text'>>) {
  const { t } = useTranslation('quiz');
  const set = (change: Partial<Of<'short_text'>>) => onChange({ ...question, ...change });
  return (
    <>
      <ListOf
        items={question.accepted}
        onChange={(accepted) => set({ accepted })}
        add={acceptedText}
        addText={t('editor.addAnswer')}
        least={1}
        most={50}
        row={(one, change, index) => (
          <>
            <TextInput
              flex={1}
              label={t('editor.acceptedText')}
              maxLength={500}
              value={one.text}
              onChange={(event) => change({ text: event.currentTarget.value })}
              error={errors[`accepted.${index}.text`]}
            />
            <Earns
              value={one.credit}
              onChange={(credit) => change({ credit })}
              error={errors[`accepted.${index}.credit`]}
            />
          </>
        )}
      />
      <Group>
        <Switch
          label={t('editor.caseSensitive')}
          checked={question.case_sensitive ?? false}
          onChange={(event) => set({ case_sensitive: event.currentTarget.checked })}
        />
        <Switch
          label={t('editor.ignoreAccents')}
          checked={question.ignore_accents ?? false}
          onChange={(event) => set({ ignore_accents: event.currentTarget.checked })}
        />
      </Group>
    </>
  );
}

export function EssayFields({ question, onChange, errors }: Props<Of<'essay'>>) {
  const { t } = useTranslation('quiz');
  return (
    <Textarea
      label={t('editor.guidance')}
      autosize
      minRows={2}
      value={question.guidance ?? ''}
      onChange={(event) => onChange({ ...question, guidance: event.currentTarget.value })}
      error={errors['guidance']}
    />
  );
}

interface EarnsProps {
  value: string | undefined;
  onChange: (credit: string) => void;
  error: string | undefined;
}

function Earns({ value, onChange, error }: EarnsProps) {
  const { t } = useTranslation('quiz');
  return (
    <NumberInput
      w={110}
      label={t('editor.earns')}
      suffix=" %"
      max={100}
      value={value ?? '100'}
      onChange={(credit) => onChange(String(credit))}
      error={error}
    />
  );
}
