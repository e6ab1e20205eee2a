CREATE INDEX api_keys_clinic_idx ON api_keys (clinic_id);
CREATE INDEX patients_search_idx ON patients (clinic_id, search_name, patient_id);
CREATE INDEX appointments_time_idx ON appointments (clinic_id, starts_at, appointment_id)
    INCLUDE (practitioner_id, status, minutes);
CREATE INDEX appointments_status_idx ON appointments (clinic_id, status, starts_at, appointment_id);
CREATE INDEX appointments_patient_idx ON appointments (clinic_id, patient_id, starts_at, appointment_id);
CREATE INDEX appointments_practitioner_idx ON appointments (clinic_id, practitioner_id, starts_at);

ALTER TABLE api_keys ADD FOREIGN KEY (clinic_id) REFERENCES clinics;
ALTER TABLE practitioners ADD FOREIGN KEY (clinic_id) REFERENCES clinics;
ALTER TABLE patients ADD FOREIGN KEY (clinic_id) REFERENCES clinics;
ALTER TABLE notes ADD FOREIGN KEY (clinic_id, patient_id) REFERENCES patients;
ALTER TABLE appointments ADD FOREIGN KEY (clinic_id, patient_id) REFERENCES patients;
ALTER TABLE appointments ADD FOREIGN KEY (clinic_id, practitioner_id) REFERENCES practitioners;
ALTER TABLE treatments ADD FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments ON DELETE CASCADE;
