-- Several people may invite to one room: whether one of them is followed does not depend on who is last.
CREATE TABLE invitation_each (
    room_id TEXT NOT NULL,
    inviter TEXT NOT NULL,
    PRIMARY KEY (room_id, inviter)
) STRICT, WITHOUT ROWID;
INSERT INTO invitation_each (room_id, inviter) SELECT room_id, inviter FROM invitation;
DROP TABLE invitation;
ALTER TABLE invitation_each RENAME TO invitation;
