-- name: caller
SELECT clinic_id, may_write FROM api_keys WHERE key_hash = %(key_hash)s

-- name: list_practitioners
SELECT practitioner_id, name, speciality
FROM practitioners
WHERE clinic_id = %(clinic_id)s
ORDER BY practitioner_id
LIMIT %(limit)s OFFSET %(offset)s

-- name: agenda
SELECT a.appointment_id, a.starts_at, a.minutes, a.status, a.patient_id, p.given_name, p.family_name
FROM (
    SELECT appointment_id, starts_at, minutes, status, patient_id
    FROM appointments
    WHERE clinic_id = %(clinic_id)s AND practitioner_id = %(practitioner_id)s
      AND starts_at >= %(from)s AND starts_at < %(until)s
    ORDER BY starts_at
    LIMIT 100
) AS a
JOIN patients AS p ON p.clinic_id = %(clinic_id)s AND p.patient_id = a.patient_id
ORDER BY a.starts_at

-- name: list_patients
SELECT patient_id, given_name, family_name, born_on, phone
FROM patients
WHERE clinic_id = %(clinic_id)s
ORDER BY search_name, patient_id
LIMIT %(limit)s OFFSET %(offset)s

-- name: search_patients
SELECT patient_id, given_name, family_name, born_on, phone
FROM patients
WHERE clinic_id = %(clinic_id)s AND search_name LIKE %(pattern)s
ORDER BY search_name, patient_id
LIMIT %(limit)s OFFSET %(offset)s

-- name: get_patient
SELECT patient_id, given_name, family_name, born_on, phone, history
FROM patients
WHERE clinic_id = %(clinic_id)s AND patient_id = %(patient_id)s

-- name: latest_of_patient
SELECT appointment_id, starts_at, minutes, status, reason
FROM appointments
WHERE clinic_id = %(clinic_id)s AND patient_id = %(patient_id)s
ORDER BY starts_at DESC, appointment_id DESC
LIMIT 10

-- name: create_patient
INSERT INTO patients (clinic_id, given_name, family_name, born_on, phone)
VALUES (%(clinic_id)s, %(given_name)s, %(family_name)s, %(born_on)s, %(phone)s)
RETURNING patient_id, given_name, family_name, born_on, phone, history

-- name: delete_patient
DELETE FROM patients WHERE clinic_id = %(clinic_id)s AND patient_id = %(patient_id)s

-- name: list_notes
SELECT note_id, written_at, body
FROM notes
WHERE clinic_id = %(clinic_id)s AND patient_id = %(patient_id)s
ORDER BY note_id DESC
LIMIT %(limit)s OFFSET %(offset)s

-- name: create_note
INSERT INTO notes (clinic_id, patient_id, body)
VALUES (%(clinic_id)s, %(patient_id)s, %(body)s)
RETURNING note_id, written_at, body

-- name: list_appointments
SELECT a.appointment_id, a.starts_at, a.minutes, a.status, a.reason,
       a.patient_id, p.given_name, p.family_name, d.name AS practitioner
FROM (
    SELECT appointment_id, patient_id, practitioner_id, starts_at, minutes, status, reason
    FROM appointments
    WHERE clinic_id = %(clinic_id)s
    ORDER BY starts_at DESC, appointment_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS a
JOIN patients AS p ON p.clinic_id = %(clinic_id)s AND p.patient_id = a.patient_id
JOIN practitioners AS d ON d.clinic_id = %(clinic_id)s AND d.practitioner_id = a.practitioner_id
ORDER BY a.starts_at DESC, a.appointment_id DESC

-- name: list_appointments_of_status
SELECT a.appointment_id, a.starts_at, a.minutes, a.status, a.reason,
       a.patient_id, p.given_name, p.family_name, d.name AS practitioner
FROM (
    SELECT appointment_id, patient_id, practitioner_id, starts_at, minutes, status, reason
    FROM appointments
    WHERE clinic_id = %(clinic_id)s AND status = %(status)s
    ORDER BY starts_at DESC, appointment_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS a
JOIN patients AS p ON p.clinic_id = %(clinic_id)s AND p.patient_id = a.patient_id
JOIN practitioners AS d ON d.clinic_id = %(clinic_id)s AND d.practitioner_id = a.practitioner_id
ORDER BY a.starts_at DESC, a.appointment_id DESC

-- name: treatments_of
SELECT appointment_id, position, code, price_cents
FROM treatments
WHERE clinic_id = %(clinic_id)s AND appointment_id = ANY (%(appointment_ids)s)
ORDER BY appointment_id, position

-- name: get_appointment
SELECT a.appointment_id, a.starts_at, a.minutes, a.status, a.reason,
       a.patient_id, p.given_name, p.family_name, d.name AS practitioner
FROM appointments AS a
JOIN patients AS p ON p.clinic_id = a.clinic_id AND p.patient_id = a.patient_id
JOIN practitioners AS d ON d.clinic_id = a.clinic_id AND d.practitioner_id = a.practitioner_id
WHERE a.clinic_id = %(clinic_id)s AND a.appointment_id = %(appointment_id)s

-- name: create_appointment
INSERT INTO appointments (clinic_id, patient_id, practitioner_id, starts_at, minutes, status, reason)
VALUES (%(clinic_id)s, %(patient_id)s, %(practitioner_id)s, %(starts_at)s, %(minutes)s, 'booked', %(reason)s)
RETURNING appointment_id

-- name: create_treatments
INSERT INTO treatments (clinic_id, appointment_id, position, code, price_cents)
SELECT %(clinic_id)s, %(appointment_id)s, position, code, price_cents
FROM ROWS FROM (json_to_recordset(%(treatments)s) AS (code text, price_cents integer))
     WITH ORDINALITY AS sent (code, price_cents, position)

-- name: change_status
UPDATE appointments SET status = %(status)s
WHERE clinic_id = %(clinic_id)s AND appointment_id = %(appointment_id)s
RETURNING appointment_id, status

-- name: delete_appointment
DELETE FROM appointments WHERE clinic_id = %(clinic_id)s AND appointment_id = %(appointment_id)s

-- name: utilisation
SELECT w.practitioner_id, d.name AS practitioner, w.appointments, w.minutes, w.missed
FROM (
    SELECT practitioner_id, count(*) AS appointments, sum(minutes) AS minutes,
           count(*) FILTER (WHERE status = 'missed') AS missed
    FROM appointments
    WHERE clinic_id = %(clinic_id)s AND starts_at >= %(from)s AND starts_at < %(until)s
    GROUP BY practitioner_id
) AS w
JOIN practitioners AS d ON d.clinic_id = %(clinic_id)s AND d.practitioner_id = w.practitioner_id
ORDER BY w.practitioner_id
