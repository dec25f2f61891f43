"""The BPMN engine: it decides, and does nothing. It opens no connection and knows no user and no clock."""
